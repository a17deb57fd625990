import * as activations from './activations.js';
import type { LayerConverter } from './conversion.js';
import * as convolution from './convolution.js';
import * as dense from './dense.js';
import * as merge from './merge.js';
import * as normalization from './normalization.js';
import * as pooling from './pooling.js';
import * as shapeLayers from './shape-layers.js';

const { activated: _, ...activationLayers } = activations;

/** The layers that have a counterpart in ONNX, by class name. */
export const layerConverters: Readonly<Record<string, LayerConverter>> = {
  ...activationLayers,
  ...convolution,
  ...dense,
  ...merge,
  ...normalization,
  ...pooling,
  ...shapeLayers,
};
