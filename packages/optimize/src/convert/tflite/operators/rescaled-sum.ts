import { type Tensor, tensor } from '@percept/core';
import { roundHalfToEven } from '../../../quantize/quantization-parameters.js';
import type { NodeScope } from '../node-scope.js';
import { dequantized } from '../quantized-values.js';
import { activations, paddings } from '../schema.js';

/** The weight of every channel: as large as int8 holds, so that the bias has the finest step. */
const weight = 127;

/**
 * `α·x + β` on integers, whose saturation is the clamp of a HardSigmoid: a convolution of each channel by itself with a
 * window of one element rounds once, where a product and a sum would round twice.
 */
export function rescaledSum(scope: NodeScope, factor: number): void {
  const { tensor: from, layout } = scope.placed(0);
  const given = scope.constant(1)!;
  const offset =
    given.stored === undefined ? given.constant : dequantized(given.stored.values, given.stored.quantization);
  const shape = scope.shapeOf(from);
  const channels = shape.at(-1) ?? 1;
  const image =
    shape.length === 4 ? shape : [1, 1, shape.reduce((product, dim) => product * dim, 1) / channels, channels];
  const scale = Math.fround(factor / weight);
  const unit = Math.fround(scope.quantizationOf(from)!.scales[0]! * scale);
  const perChannel = <T extends number>(value: T) => new Array<T>(channels).fill(value);
  const add = (value: Tensor, hint: string, step: number, axis: number) =>
    scope.addConstant(value, hint, { scales: perChannel(step), zeroPoints: perChannel(0), axis });
  const kernel = add(tensor('int8', [1, 1, 1, channels], perChannel(weight)), 'factor', scale, 3);
  const bias = tensor('int32', [channels], perChannel(roundHalfToEven(Number(offset.data[0]) / unit)));
  const to = scope.result(image);
  scope.emit(
    'DEPTHWISE_CONV_2D',
    [scope.reshape(from, image), kernel, add(bias, 'offset', unit, 0)],
    to,
    'DepthwiseConv2DOptions',
    { padding: paddings.VALID, strideH: 1, strideW: 1, depthMultiplier: 1, activation: activations.NONE },
  );
  scope.giveLayout(scope.reshape(to, shape), layout);
}
