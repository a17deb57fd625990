import { type LayerConverter, unsupportedLayer } from './conversion.js';
import { imageSizes } from './layer-value.js';
import { windowAttributes } from './padding.js';

interface PoolingConfig {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: string;
}

const pooling =
  (opType: 'MaxPool' | 'AveragePool'): LayerConverter =>
  (to, { layer, inputs: [x], config, outputShape }) => {
    const { poolSize, strides, padding } = config as unknown as PoolingConfig;
    if (padding !== 'same' && padding !== 'valid') unsupportedLayer(layer, `the padding ${padding}`);
    const [, ...sizes] = imageSizes(x!, to.axes);
    const attributes = windowAttributes({ kernel: poolSize, strides, dilations: [1, 1], padding }, sizes);
    return { name: to.node(opType, [x!.name], attributes), shape: outputShape };
  };

export const MaxPooling2D = pooling('MaxPool');
/** Padding does not count, in TensorFlow as in ONNX by default. */
export const AveragePooling2D = pooling('AveragePool');

const globalPooling =
  (opType: 'GlobalMaxPool' | 'GlobalAveragePool'): LayerConverter =>
  (to, { inputs: [x], outputShape }) => ({
    name: to.node('Flatten', [to.node(opType, [x!.name])], { axis: 1 }),
    shape: outputShape,
  });

export const GlobalMaxPooling2D = globalPooling('GlobalMaxPool');
export const GlobalAveragePooling2D = globalPooling('GlobalAveragePool');
