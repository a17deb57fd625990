// The arithmetic of linear quantization, real = scale · (quantized − zeroPoint), with the conventions of
// onnxruntime.quantization: scales are computed in double precision and kept as float32, ties round to even.
import { type Tensor, tensorData } from '@percept/core';
import type { ChannelLayout } from '../graph/channel-layout.js';

/** Integer types that activations may have. */
export type ActivationType = 'uint8' | 'int8' | 'uint16' | 'int16';

/** How activations are quantized. */
export interface ActivationFormat {
  readonly type: ActivationType;
  /** Whether the zero point is the middle of the type (0 for signed ones), so that only a scale is left. */
  readonly symmetric: boolean;
}

/** Maps real numbers to integers. */
export interface LinearParameters {
  readonly scale: number;
  /** The integer that stands for 0 exactly. */
  readonly zeroPoint: number;
}

/** Smallest and largest integer of each type. */
export const activationLimits: Readonly<Record<ActivationType, readonly [lowest: number, highest: number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
};

/** Smallest normal float32. A scale below it would be flushed to zero by some kernels. */
const smallestScale = 2 ** -126;

/**
 * Parameters for values in `[minimum, maximum]`, widened to hold 0. A range without width, or so narrow that its scale
 * would be no normal float32, gets scale 1 and zero point 0: all of it quantizes to 0. Symmetric signed types leave their
 * lowest integer out (−127..127).
 */
export function activationParameters(
  minimum: number,
  maximum: number,
  { type, symmetric }: ActivationFormat,
): LinearParameters {
  const [lowest, highest] = activationLimits[type];
  const magnitude = Math.max(Math.abs(minimum), Math.abs(maximum));
  const low = symmetric ? -magnitude : Math.min(minimum, 0);
  const high = symmetric ? magnitude : Math.max(maximum, 0);
  const first = symmetric && lowest < 0 ? -highest : lowest;
  const scale = (high - low) / (highest - first);
  if (scale < smallestScale) return { scale: 1, zeroPoint: 0 };
  const zeroPoint = roundHalfToEven(symmetric ? (first + highest) / 2 : first - low / scale);
  // Not −0, which equals 0 but not in a test.
  return { scale: Math.fround(scale), zeroPoint: zeroPoint + 0 };
}

/** Quantizes to a type, saturating. */
export function quantizeActivations<Type extends ActivationType>(
  values: Float32Array,
  { scale, zeroPoint }: LinearParameters,
  type: Type,
): Tensor<Type>['data'] {
  const [lowest, highest] = activationLimits[type];
  const data = tensorData(type, values.length);
  for (let at = 0; at < values.length; at++) {
    const quantized = roundHalfToEven(Math.fround(values[at]! / scale)) + zeroPoint;
    data[at] = Math.min(highest, Math.max(lowest, quantized));
  }
  return data;
}

/** Bits of a weight: with 8 its values are −127..127, with 7 they are −64..64. */
export type WeightBits = 7 | 8;

/** How weights are quantized. */
export interface WeightFormat {
  readonly bits: WeightBits;
  /** A scale for each output channel; otherwise one for the whole tensor. */
  readonly perChannel: boolean;
}

/** A layout in which all elements belong to one channel. */
export const wholeTensor: ChannelLayout = { channels: 1, axis: undefined, channelOf: () => 0 };

const largestWeight = { 7: 64, 8: 127 } as const;

/**
 * Symmetric scales, one per output channel: the largest magnitude becomes the largest weight. A channel of zeros takes the largest
 * scale of the others (its bias is stored in units of it), or 1 when there are none.
 */
export function int8Scales(weight: Float32Array, layout: ChannelLayout, bits: WeightBits): Float32Array {
  const largest = new Float32Array(layout.channels);
  weight.forEach((value, index) => {
    const channel = layout.channelOf(index);
    largest[channel] = Math.max(largest[channel]!, Math.abs(value));
  });
  const scales = largest.map((magnitude) => magnitude / largestWeight[bits]);
  const usual = scales.reduce((most, scale) => Math.max(most, scale), 0);
  return scales.map((scale) => (scale >= smallestScale ? scale : usual >= smallestScale ? usual : 1));
}

/** Quantizes a weight with one scale per channel, saturating. */
export function quantizeInt8(
  weight: Float32Array,
  scales: Float32Array,
  layout: ChannelLayout,
  bits: WeightBits,
): Int8Array {
  const limit = largestWeight[bits];
  return Int8Array.from(weight, (value, index) => {
    const quantized = roundHalfToEven(Math.fround(value / scales[layout.channelOf(index)]!));
    return Math.min(limit, Math.max(-limit, quantized));
  });
}

/**
 * Widens weight scales where the bias, stored as int32 in units of `inputScale · weightScale`, would overflow or its
 * unit would be no normal float32.
 */
export function scalesThatHoldBias(scales: Float32Array, inputScale: number, bias: Float32Array): Float32Array {
  // A little more than needed, because the product is rounded to float32 afterwards.
  const margin = 1.0001;
  const largest = bias.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return scales.map((scale, channel) => {
    const magnitude = scales.length === 1 ? largest : Math.abs(bias[channel]!);
    const smallestUnit = Math.max((margin * magnitude) / 0x7fffffff, margin * smallestScale);
    return inputScale * scale < smallestUnit ? smallestUnit / inputScale : scale;
  });
}

/** Quantizes a bias to int32 in units of `inputScale · weightScale`, of one or each channel; returns the units too. */
export function quantizeBias(
  bias: Float32Array,
  inputScale: number,
  weightScales: Float32Array,
): { values: Int32Array; scales: Float32Array } {
  const scales = weightScales.map((scale) => inputScale * scale);
  return {
    values: Int32Array.from(bias, (value, channel) =>
      roundHalfToEven(value / scales[scales.length === 1 ? 0 : channel]!),
    ),
    scales,
  };
}

/** Rounds to the nearest integer, ties to the even one, as QuantizeLinear does. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
