import { elementCount, type Tensor, tensor } from '@percept/core';
import type { NodeScope } from '../node-scope.js';
import { paddings } from '../schema.js';
import { biasTensor } from './bias.js';
import { channelsLast, giveImage, imageOperand, padImage, planPadding, spatialPair, windowAxes } from './images.js';
import type { OperatorLowering } from './index.js';

/** Convolutions over images. */
export const convolutionLowerings: Readonly<Record<string, OperatorLowering>> = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
};

/** OIHW becomes OHWI, and 1HWC for a convolution of each channel by itself (depthwise). */
function convolution(scope: NodeScope): void {
  const weight = scope.constant(1);
  if (weight === undefined)
    scope.refuse('weights that are computed', 'TFLite wants them constant; fold them when exporting');
  const image = imageOperand(scope);
  const [, channels, height, width] = image.dims as [number, number, number, number];
  const kernelDims = weight.dims;
  const [outputs, perGroup] = kernelDims as [number, number];
  const [kernelH, kernelW] = kernelDims.length === 3 ? [1, kernelDims[2]!] : [kernelDims[2]!, kernelDims[3]!];
  const groups = scope.attributes.int('group', 1);
  const axes = windowAxes(scope, [height, width], [kernelH, kernelW]);
  const plan = planPadding(axes);
  const input = padImage(scope, scope.arrange(image, channelsLast), plan, 'zero');
  const square = (value: Tensor) => tensor(value.type, [outputs, perGroup, kernelH, kernelW], value.data);
  const isDepthwise = groups === channels && perGroup === 1 && groups > 1;
  const order = isDepthwise ? [1, 2, 3, 0] : [0, 2, 3, 1];
  const kernel = scope.weight(1, (value) => scope.permute(square(value), order), isDepthwise ? 3 : 0);
  const bias = biasTensor(scope, outputs, input, kernel);
  const shape = [image.dims[0]!, axes[0].output, axes[1].output, outputs];
  const common = {
    padding: paddings[plan.scheme],
    strideH: axes[0].stride,
    strideW: axes[1].stride,
    dilationH: axes[0].dilation,
    dilationW: axes[1].dilation,
    activation: scope.activationCode,
  };
  const result = scope.result(shape);
  if (isDepthwise) {
    const values = { ...common, depthMultiplier: outputs / channels };
    scope.emit('DEPTHWISE_CONV_2D', [input, kernel, bias], result, 'DepthwiseConv2DOptions', values);
  } else scope.emit('CONV_2D', [input, kernel, bias], result, 'Conv2DOptions', common);
  giveImage(scope, result);
}

/** The whole result without padding; then what ONNX's pads cut off, and what its output_padding adds. */
function transposedConvolution(scope: NodeScope): void {
  const weight = scope.constant(1);
  if (weight === undefined)
    scope.refuse('weights that are computed', 'TFLite wants them constant; fold them when exporting');
  const { attributes } = scope;
  const dilations = attributes.ints('dilations', [1, 1]);
  if (attributes.int('group', 1) !== 1 || dilations.some((dilation) => dilation !== 1))
    scope.refuse('groups or dilations', 'TFLite knows neither in TRANSPOSE_CONV; use Resize and Conv instead');
  if (weight.dims.length !== 4) scope.refuse(`a weight of rank ${weight.dims.length}`, 'Use two spatial axes');
  const image = imageOperand(scope);
  const [batch, , height, width] = image.dims as [number, number, number, number];
  const [, outputs, kernelH, kernelW] = weight.dims as [number, number, number, number];
  const [strideH, strideW] = spatialPair(attributes.ints('strides', undefined), 1);
  const wanted = scope.outputDims().slice(2) as [number, number];
  const whole = [(height - 1) * strideH + kernelH, (width - 1) * strideW + kernelW] as [number, number];
  const extra = attributes.ints('output_padding', [0, 0]);
  const auto = attributes.string('auto_pad', 'NOTSET');
  const given = attributes.ints('pads', undefined);
  const before = [0, 1].map((axis) => {
    if (given !== undefined && auto === 'NOTSET' && attributes.ints('output_shape', undefined) === undefined)
      return given[axis]!;
    const total = Math.max(0, whole[axis]! + extra[axis]! - wanted[axis]!);
    return auto === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2);
  }) as [number, number];
  const input = scope.arrange(image, channelsLast);
  const kernel = scope.weight(1, (value) => scope.permute(value, [1, 2, 3, 0]), 0);
  const bias = biasTensor(scope, outputs, input, kernel);
  const size = [batch, ...whole, outputs];
  let result = scope.emit(
    'TRANSPOSE_CONV',
    [scope.int32s(size), kernel, input, bias],
    scope.result(size),
    'TransposeConvOptions',
    {
      padding: paddings.VALID,
      strideH,
      strideW,
    },
  );
  const added = [0, 1].map((axis): [number, number] => [0, Math.max(0, before[axis]! + wanted[axis]! - whole[axis]!)]);
  if (added.some(([, behind]) => behind > 0)) {
    // Rows that output_padding adds hold the bias alone.
    const stored = scope.constant(2)?.constant;
    if (
      stored !== undefined &&
      elementCount(stored.dims) > 0 &&
      Array.from(stored.data as Float32Array).some((value) => value !== 0)
    )
      scope.refuse(
        'output_padding beyond what the kernel reaches, with a bias',
        'Choose a kernel of at least the stride',
      );
    result = padImage(scope, result, { scheme: 'VALID', added }, 'zero');
  }
  const shape = [batch, ...wanted, outputs];
  if (shape.some((dim, axis) => dim !== scope.shapeOf(result)[axis])) {
    const begin = scope.int32s([0, ...before, 0]);
    const end = scope.int32s([batch, before[0] + wanted[0], before[1] + wanted[1], outputs]);
    const from = result;
    result = scope.emit(
      'STRIDED_SLICE',
      [from, begin, end, scope.int32s([1, 1, 1, 1])],
      scope.result(shape),
      'StridedSliceOptions',
    );
  }
  giveImage(scope, result);
}
