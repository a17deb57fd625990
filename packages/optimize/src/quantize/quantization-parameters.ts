// The arithmetic of linear 8-bit quantization, real = scale · (quantized − zeroPoint), with the conventions of
// onnxruntime.quantization: scales are computed in double precision and kept as float32, ties round to even.
import type { ChannelLayout } from '../graph/channel-layout.js';

/** Maps real numbers to uint8. */
export interface Uint8Parameters {
  readonly scale: number;
  /** 0..255; this value stands for 0 exactly. */
  readonly zeroPoint: number;
}

/** Smallest normal float32. A scale below it would be flushed to zero by some kernels. */
const smallestScale = 2 ** -126;

/**
 * Asymmetric parameters for values in `[minimum, maximum]`, widened to hold 0. A range without width, or so narrow that
 * its scale would be no normal float32, gets scale 1: all of it quantizes to 0.
 */
export function uint8Parameters(minimum: number, maximum: number): Uint8Parameters {
  const low = Math.min(minimum, 0);
  const high = Math.max(maximum, 0);
  const scale = (high - low) / 255;
  if (scale < smallestScale) return { scale: 1, zeroPoint: 0 };
  return { scale: Math.fround(scale), zeroPoint: roundHalfToEven((0 - low) / scale) };
}

/** Quantizes to uint8, saturating. */
export function quantizeUint8(values: Float32Array, { scale, zeroPoint }: Uint8Parameters): Uint8Array {
  return Uint8Array.from(values, (value) =>
    Math.min(255, Math.max(0, roundHalfToEven(Math.fround(value / scale)) + zeroPoint)),
  );
}

/** Bits of a weight: with 8 its values are −127..127, with 7 they are −64..64. */
export type WeightBits = 7 | 8;

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
  return scales.map((scale, channel) => {
    const smallestUnit = Math.max((margin * Math.abs(bias[channel]!)) / 0x7fffffff, margin * smallestScale);
    return inputScale * scale < smallestUnit ? smallestUnit / inputScale : scale;
  });
}

/** Quantizes a bias to int32 in units of `inputScale · weightScale` per channel; returns the units too. */
export function quantizeBias(
  bias: Float32Array,
  inputScale: number,
  weightScales: Float32Array,
): { values: Int32Array; scales: Float32Array } {
  const scales = weightScales.map((scale) => inputScale * scale);
  return { values: Int32Array.from(bias, (value, channel) => roundHalfToEven(value / scales[channel]!)), scales };
}

/** Rounds to the nearest integer, ties to the even one, as QuantizeLinear does. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
