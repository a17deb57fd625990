import * as arithmetic from './arithmetic.js';
import * as convolution from './convolution.js';
import * as curves from './curves.js';
import * as einsum from './einsum.js';
import * as elementwise from './elementwise.js';
import type { Gradient } from './gradient.js';
import * as indexing from './indexing.js';
import * as layout from './layout.js';
import * as linear from './linear.js';
import * as normalization from './normalization.js';
import * as pooling from './pooling.js';
import * as quantization from './quantization.js';
import * as reduction from './reduction.js';
import * as resize from './resize.js';

/** The gradient of every operator that has one, by operator name. */
export const gradients: Readonly<Record<string, Gradient>> = {
  ...arithmetic,
  ...convolution,
  ...curves,
  ...einsum,
  ...elementwise,
  ...indexing,
  ...layout,
  ...linear,
  ...normalization,
  ...pooling,
  ...quantization,
  ...reduction,
  ...resize,
};
