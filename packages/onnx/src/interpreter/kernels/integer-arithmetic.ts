// Products of quantized tensors. Accumulators are exact; what would overflow 32 bits wraps, as the operators allow.
import { convolve } from '../convolve.js';
import { broadcastPositions, splitAt } from '../indexing.js';
import type { Kernel } from '../kernel.js';
import { multiply } from '../matrix-product.js';
import { centered, quantized } from '../quantize.js';
import { asTensor, fromNumbers, numbers, type TensorValue, type Value } from '../value.js';

/** A parameter of the rows (or columns) of a matrix, read for an element of a tensor of shape `dims`. */
function perRow(value: Value | undefined, dims: readonly number[]): (at: number) => number {
  if (value === undefined) return () => 0;
  const tensor = asTensor(value);
  // A vector has one entry for each row.
  return broadcastParameter(tensor.dims.length === 1 ? { ...tensor, dims: [tensor.dims[0]!, 1] } : tensor, dims);
}

function perColumn(value: Value | undefined, dims: readonly number[]): (at: number) => number {
  return value === undefined ? () => 0 : broadcastParameter(asTensor(value), dims);
}

function broadcastParameter(tensor: TensorValue, dims: readonly number[]): (at: number) => number {
  const values = numbers(tensor);
  if (values.length === 1) return () => values[0]!;
  const positions = broadcastPositions(tensor.dims, dims);
  return (at) => values[positions[at]!]!;
}

/** A parameter with one entry for all, or one for each index of the axis. */
function perIndex(value: Value | undefined, dims: readonly number[], axis: number): (at: number) => number {
  if (value === undefined) return () => 0;
  const values = numbers(asTensor(value));
  const { size, inner } = splitAt(dims, axis);
  return values.length === 1 ? () => values[0]! : (at) => values[Math.floor(at / inner) % size]!;
}

export const MatMulInteger: Kernel = ([first, second, aZeroPoint, bZeroPoint]) => {
  const [a, b] = [asTensor(first), asTensor(second)];
  const { dims, values } = multiply(
    centered(a, perRow(aZeroPoint, a.dims)),
    a.dims,
    centered(b, perColumn(bZeroPoint, b.dims)),
    b.dims,
  );
  return [fromNumbers('int32', dims, values)];
};

export const QLinearMatMul: Kernel = (inputs, context) => {
  const [first, aScale, aZeroPoint, second, bScale, bZeroPoint, yScale, yZeroPoint] = inputs;
  const [a, b] = [asTensor(first), asTensor(second)];
  const product = multiply(
    centered(a, perRow(aZeroPoint, a.dims)),
    a.dims,
    centered(b, perColumn(bZeroPoint, b.dims)),
    b.dims,
  );
  const round = context.precision === 'float32' ? Math.fround : (value: number) => value;
  const { dims } = product;
  const [left, right, out] = [perRow(aScale, dims), perColumn(bScale, dims), perRow(yScale, dims)];
  const scaled = product.values.map((value, at) => round(value * round(round(left(at) * right(at)) / out(at))));
  return [quantized(asTensor(yZeroPoint).type, dims, scaled, perRow(yZeroPoint, dims))];
};

export const ConvInteger: Kernel = ([input, weights, xZeroPoint, wZeroPoint], context) => {
  const [x, w] = [asTensor(input), asTensor(weights)];
  const { dims, values } = convolve(
    { dims: x.dims, values: centered(x, perIndex(xZeroPoint, x.dims, 1)) },
    { dims: w.dims, values: centered(w, perIndex(wZeroPoint, w.dims, 0)) },
    context,
  );
  return [fromNumbers('int32', dims, values)];
};

export const QLinearConv: Kernel = (inputs, context) => {
  const [input, xScale, xZeroPoint, weights, wScale, wZeroPoint, yScale, yZeroPoint, bias] = inputs;
  const [x, w] = [asTensor(input), asTensor(weights)];
  const { dims, values } = convolve(
    { dims: x.dims, values: centered(x, perIndex(xZeroPoint, x.dims, 1)) },
    { dims: w.dims, values: centered(w, perIndex(wZeroPoint, w.dims, 0)) },
    context,
  );
  const round = context.precision === 'float32' ? Math.fround : (value: number) => value;
  const [xs, ws, ys, addend] = [
    perIndex(xScale, dims, 1),
    perIndex(wScale, dims, 1),
    perIndex(yScale, dims, 1),
    perIndex(bias, dims, 1),
  ];
  const scaled = values.map((value, at) => round((value + addend(at)) * round(round(xs(at) * ws(at)) / ys(at))));
  return [quantized(asTensor(yZeroPoint).type, dims, scaled, perIndex(yZeroPoint, dims, 1))];
};
