// Between real numbers and linearly quantized ones.
import type { Kernel } from '../kernel.js';
import { centered, quantized, scalePositions } from '../quantize.js';
import { roundHalfEven } from '../rounding.js';
import { asTensor, fromNumbers, numbers } from '../value.js';

export const QuantizeLinear: Kernel = ([input, scales, zeroPoints], context) => {
  const [x, scale] = [asTensor(input), asTensor(scales)];
  const zeroPoint = zeroPoints === undefined ? undefined : asTensor(zeroPoints);
  const outputType = context.int('output_dtype', 0);
  const type = zeroPoint?.type ?? (outputType === 0 ? 'uint8' : context.elementType(outputType));
  const positionOf = scalePositions(x.dims, scale, context.int('axis', 1), context.int('block_size', 0));
  const divisors = numbers(scale);
  const offsets = zeroPoint === undefined ? undefined : numbers(zeroPoint);
  // The quotient is rounded to the type of the scale, which for a scale of powers of two alone means that of the input.
  const precision = context.int('precision', 0);
  const ownType = scale.type === 'float8e8m0' ? x.type : scale.type;
  const quotientType = precision === 0 ? ownType : context.elementType(precision);
  const quotients = numbers(x).map((value, at) => value / divisors[positionOf(at)]!);
  const rounded = quotientType.startsWith('int') ? quotients : numbers(fromNumbers(quotientType, x.dims, quotients));
  const saturate = context.int('saturate', 1) === 1;
  return [quantized(type, x.dims, rounded, (at) => offsets?.[positionOf(at)] ?? 0, saturate)];
};

export const DequantizeLinear: Kernel = ([input, scales, zeroPoints], context) => {
  const [x, scale] = [asTensor(input), asTensor(scales)];
  const positionOf = scalePositions(x.dims, scale, context.int('axis', 1), context.int('block_size', 0));
  const factors = numbers(scale);
  const offsets = zeroPoints === undefined ? undefined : numbers(asTensor(zeroPoints));
  const outputType = context.int('output_dtype', 0);
  const values = centered(x, (at) => offsets?.[positionOf(at)] ?? 0);
  return [
    fromNumbers(
      outputType === 0 ? scale.type : context.elementType(outputType),
      x.dims,
      values.map((value, at) => value * factors[positionOf(at)]!),
    ),
  ];
};

/** Scale and zero point from the range of the input, which is widened to hold zero. Computed in the input's precision. */
export const DynamicQuantizeLinear: Kernel = ([input], context) => {
  const x = asTensor(input);
  const round = context.precision === 'float32' ? Math.fround : (value: number) => value;
  const values = numbers(x);
  const low = values.reduce((a, b) => Math.min(a, b), 0);
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  // All zeros: any scale would do, and dividing by zero would not.
  const scale = low === high ? 1 : round(round(high - low) / 255);
  const zeroPoint = roundHalfEven(Math.min(Math.max(round(-low / scale), 0), 255));
  return [
    quantized(
      'uint8',
      x.dims,
      values.map((value) => round(value / scale)),
      () => zeroPoint,
    ),
    fromNumbers(x.type, [], [scale]),
    fromNumbers('uint8', [], [zeroPoint]),
  ];
};
