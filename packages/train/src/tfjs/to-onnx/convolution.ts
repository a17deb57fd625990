import { activated } from './activations.js';
import { type Conversion, type LayerCall, type LayerConverter, unsupportedLayer } from './conversion.js';
import { imageSizes } from './layer-value.js';
import { windowAttributes } from './padding.js';
import type { WeightLayout } from './weight-layout.js';

interface ConvolutionConfig {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly dilationRate: readonly number[] | number | null;
  readonly padding: string;
}

/** `[kH, kW, in, out]` to `[out, in, kH, kW]`. */
function kernelLayout(view: readonly number[]): WeightLayout {
  const [height, width, from, to] = view as [number, number, number, number];
  return { view, perm: [3, 2, 0, 1], dims: [to, from, height, width] };
}

/** `[kH, kW, C, multiplier]` to `[C multiplier, 1, kH, kW]`. */
function depthwiseLayout(view: readonly number[]): WeightLayout {
  const [height, width, channels, multiplier] = view as [number, number, number, number];
  return { view, perm: [2, 3, 0, 1], dims: [channels * multiplier, 1, height, width] };
}

function attributesOf(to: Conversion, { layer, config, inputs: [x] }: LayerCall) {
  const { kernelSize, strides, dilationRate, padding } = config as unknown as ConvolutionConfig;
  if (padding !== 'same' && padding !== 'valid') unsupportedLayer(layer, `the padding ${padding}`);
  const rate = dilationRate ?? 1;
  const dilations = typeof rate === 'number' ? kernelSize.map(() => rate) : rate;
  const [, ...sizes] = imageSizes(x!, to.axes);
  return windowAttributes({ kernel: kernelSize, strides, dilations, padding }, sizes);
}

const shapeOf = (to: Conversion, { layer }: LayerCall, kind: string): readonly number[] =>
  to.weightOf(layer, kind)!.shape as readonly number[];

export const Conv2D: LayerConverter = (to, call) => {
  const { layer, inputs, outputShape } = call;
  const kernel = to.parameter(layer, 'kernel', kernelLayout(shapeOf(to, call, 'kernel')));
  const name = to.node('Conv', [inputs[0]!.name, kernel, to.parameter(layer, 'bias')], attributesOf(to, call));
  return activated(to, call, { name, shape: outputShape });
};

/** Without its dilation: TensorFlow.js computes it so (4.22), and this is to be the same. */
export const DepthwiseConv2D: LayerConverter = (to, call) => {
  const { layer, inputs, config, outputShape } = call;
  const view = shapeOf(to, call, 'depthwise_kernel');
  const kernel = to.parameter(layer, 'depthwise_kernel', depthwiseLayout(view));
  const undilated = { ...call, config: { ...config, dilationRate: 1 } };
  const attributes = { ...attributesOf(to, undilated), group: view[2]! };
  const name = to.node('Conv', [inputs[0]!.name, kernel, to.parameter(layer, 'bias')], attributes);
  return activated(to, call, { name, shape: outputShape });
};

export const SeparableConv2D: LayerConverter = (to, call) => {
  const { layer, inputs, outputShape } = call;
  const view = shapeOf(to, call, 'depthwise_kernel');
  const depthwise = to.parameter(layer, 'depthwise_kernel', depthwiseLayout(view));
  const pointwise = to.parameter(layer, 'pointwise_kernel', kernelLayout(shapeOf(to, call, 'pointwise_kernel')));
  const between = to.node('Conv', [inputs[0]!.name, depthwise], { ...attributesOf(to, call), group: view[2]! });
  const name = to.node('Conv', [between, pointwise, to.parameter(layer, 'bias')], { kernel_shape: [1, 1] });
  return activated(to, call, { name, shape: outputShape });
};

/**
 * The gradient of a convolution: what `'same'` pads there is cut off here. A kernel smaller than its stride leaves rows that
 * nothing reaches, at the end.
 */
export const Conv2DTranspose: LayerConverter = (to, call) => {
  const { layer, inputs, config, outputShape } = call;
  const { kernelSize, strides, padding } = config as unknown as ConvolutionConfig;
  const [height, width, out, from] = shapeOf(to, call, 'kernel') as [number, number, number, number];
  const layout = { view: [height, width, out, from], perm: [3, 2, 0, 1], dims: [from, out, height, width] };
  const surplus = kernelSize.map((length, axis) => length - strides[axis]!);
  const cut = surplus.map((length) => (padding === 'same' ? Math.max(0, length) : 0));
  const before = cut.map((total) => Math.floor(total / 2));
  const missing = surplus.map((length) => Math.max(0, -length));
  const kernel = to.parameter(layer, 'kernel', layout);
  const name = to.node('ConvTranspose', [inputs[0]!.name, kernel, to.parameter(layer, 'bias')], {
    kernel_shape: kernelSize,
    strides,
    pads: [...before, ...cut.map((total, axis) => total - before[axis]!)],
    ...(missing.some((length) => length > 0) ? { output_padding: missing } : {}),
  });
  return activated(to, call, { name, shape: outputShape });
};
