// Operators of the domain `com.microsoft` on quantized tensors: what onnxruntime's quantizer writes. They dequantize with one
// scale and zero point for each tensor, compute in real numbers, and quantize again.
import { concatenated } from '../concatenate.js';
import { broadcastPositions, broadcastShape, normalizeAxis } from '../indexing.js';
import { malformed, unsupported } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { multiply, transposedMatrices } from '../matrix-product.js';
import { centered, quantized } from '../quantize.js';
import { softmaxAxis } from '../rows.js';
import { softmaxAlong } from '../softmax.js';
import { asTensor, fromNumbers, numbers, scalar, type TensorValue, type Value } from '../value.js';
import { AveragePool, GlobalAveragePool } from './pooling.js';
import { DynamicQuantizeLinear } from './quantization.js';

/** The real values of a quantized tensor. */
function real(x: TensorValue, scale: Value | undefined, zeroPoint: Value | undefined): TensorValue {
  const offset = zeroPoint === undefined ? 0 : scalar(asTensor(zeroPoint));
  const factor = scalar(asTensor(scale));
  const values = centered(x, () => offset).map((value) => value * factor);
  return fromNumbers('float64', x.dims, values);
}

/** Real values as a quantized tensor; the quotient is rounded as the runtime does, in single. */
function requantized(
  x: TensorValue,
  type: TensorValue['type'],
  [scale, zeroPoint]: readonly (Value | undefined)[],
  context: KernelContext,
): TensorValue {
  const round = context.precision === 'float32' ? Math.fround : (value: number) => value;
  const divisor = scalar(asTensor(scale));
  const offset = zeroPoint === undefined ? 0 : scalar(asTensor(zeroPoint));
  const scaled = numbers(x).map((value) => round(value / divisor));
  return quantized(type, x.dims, scaled, () => offset);
}

/** A kernel of one quantized input that computes its real values by another kernel. */
function throughReal(compute: Kernel): Kernel {
  return ([input, scale, zeroPoint, ...target], context) => {
    if (context.int('channels_last', 0) !== 0) throw unsupported(`Expected ${context.opType} with channels_last 0`);
    const x = asTensor(input);
    const y = asTensor(compute([real(x, scale, zeroPoint)], context)[0]);
    return [requantized(y, x.type, target, context)];
  };
}

/** A kernel that computes every element by itself. */
function eachReal(make: (context: KernelContext) => (value: number) => number): Kernel {
  return throughReal(([input], context) => {
    const x = asTensor(input);
    return [fromNumbers('float64', x.dims, numbers(x).map(make(context)))];
  });
}

export const QLinearGlobalAveragePool: Kernel = throughReal(GlobalAveragePool);

export const QLinearAveragePool: Kernel = throughReal(AveragePool);

export const QLinearSigmoid: Kernel = eachReal(() => (x) => 1 / (1 + Math.exp(-x)));

export const QLinearLeakyRelu: Kernel = eachReal((context) => {
  const alpha = context.float('alpha', 0.01);
  return (x) => (x < 0 ? alpha * x : x);
});

/** The attribute `opset` says by the rules of which version of `Softmax`. */
export const QLinearSoftmax: Kernel = throughReal(([input], context) => {
  const x = asTensor(input);
  const axis = softmaxAxis(x.dims, context.int('axis'), context.int('opset', 13));
  return [fromNumbers('float64', x.dims, softmaxAlong(numbers(x), axis))];
});

/** A kernel of two quantized inputs that are broadcast. */
function pairReal(compute: (a: number, b: number) => number): Kernel {
  return ([first, firstScale, firstZero, second, secondScale, secondZero, ...target], context) => {
    const [a, b] = [asTensor(first), asTensor(second)];
    const [left, right] = [numbers(real(a, firstScale, firstZero)), numbers(real(b, secondScale, secondZero))];
    const dims = broadcastShape(a.dims, b.dims);
    const [fromLeft, fromRight] = [broadcastPositions(a.dims, dims), broadcastPositions(b.dims, dims)];
    const values = Float64Array.from(fromLeft, (position, at) => compute(left[position]!, right[fromRight[at]!]!));
    return [requantized(fromNumbers('float64', dims, values), a.type, target, context)];
  };
}

export const QLinearAdd: Kernel = pairReal((a, b) => a + b);

export const QLinearMul: Kernel = pairReal((a, b) => a * b);

export const QLinearConcat: Kernel = ([scale, zeroPoint, ...inputs], context) => {
  const parts: TensorValue[] = [];
  for (let at = 0; at < inputs.length; at += 3) parts.push(real(asTensor(inputs[at]), inputs[at + 1], inputs[at + 2]));
  const [first] = parts;
  if (first === undefined) throw malformed('Expected at least one tensor for QLinearConcat but received none');
  const joined = concatenated(parts, normalizeAxis(context.int('axis', 0), first.dims.length));
  return [requantized(joined, asTensor(inputs[0]).type, [scale, zeroPoint], context)];
};

/** The bias is int32 of the scale of the product. Without an output scale the result is real. */
export const QGemm: Kernel = (inputs, context) => {
  const [first, aScale, aZero, second, bScale, bZero, bias, ...target] = inputs;
  const oriented = (value: Value | undefined, attribute: string): TensorValue =>
    context.int(attribute, 0) === 0 ? asTensor(value) : transposedMatrices(asTensor(value));
  const [a, b] = [oriented(first, 'transA'), oriented(second, 'transB')];
  const offset = aZero === undefined ? 0 : scalar(asTensor(aZero));
  const left = centered(a, () => offset);
  const { dims, values } = multiply(left, a.dims, centered(b, perColumn(bZero, b, 0)), b.dims);
  const [scale, columns] = [scalar(asTensor(aScale)) * context.float('alpha', 1), perColumn(bScale, b, 1)];
  const addend = bias === undefined ? undefined : asTensor(bias);
  const addends = addend === undefined ? undefined : numbers(addend);
  const positions = addend === undefined ? undefined : broadcastPositions(addend.dims, dims);
  const y = values.map((value, at) => (value + (addends?.[positions![at]!] ?? 0)) * scale * columns(at));
  if (target[0] === undefined) return [fromNumbers(asTensor(aScale).type, dims, y)];
  return [requantized(fromNumbers('float64', dims, y), a.type, target, context)];
};

/** A parameter of the matrices `b`, one or one for each column, read for an element of them or of a product with them. */
function perColumn(value: Value | undefined, b: TensorValue, fallback: number): (at: number) => number {
  const entries = value === undefined ? undefined : numbers(asTensor(value));
  const width = b.dims[b.dims.length - 1]!;
  return entries === undefined ? () => fallback : (at) => entries[entries.length === 1 ? 0 : at % width]!;
}

/** A product of quantized matrices as real numbers. Scales and zero points are one, or one for each column. */
export const MatMulIntegerToFloat: Kernel = ([first, second, aScale, bScale, aZero, bZero, bias]) => {
  const [a, b] = [asTensor(first), asTensor(second)];
  const offset = aZero === undefined ? 0 : scalar(asTensor(aZero));
  const left = centered(a, () => offset);
  const { dims, values } = multiply(left, a.dims, centered(b, perColumn(bZero, b, 0)), b.dims);
  const [scale, columns, addend] = [scalar(asTensor(aScale)), perColumn(bScale, b, 1), perColumn(bias, b, 0)];
  const y = values.map((value, at) => value * scale * columns(at) + addend(at));
  return [fromNumbers(asTensor(aScale).type, dims, y)];
};

/** Quantizes its first input to uint8 by its range, then multiplies. */
export const DynamicQuantizeMatMul: Kernel = ([first, second, bScale, bZero, bias], context) => {
  const [quantizedInput, scale, zeroPoint] = DynamicQuantizeLinear([first], context);
  return MatMulIntegerToFloat([quantizedInput, second, scale, bScale, zeroPoint, bZero, bias], context);
};

export { DequantizeLinear, QuantizeLinear } from './quantization.js';
