import * as convolution from './convolution.js';
import * as elementwise from './elementwise.js';
import type { Gradient } from './gradient.js';
import * as layout from './layout.js';
import * as linear from './linear.js';
import * as normalization from './normalization.js';
import * as pooling from './pooling.js';

/** The gradient of every operator that has one, by operator name. */
export const gradients: Readonly<Record<string, Gradient>> = {
  ...convolution,
  ...elementwise,
  ...layout,
  ...linear,
  ...normalization,
  ...pooling,
};
