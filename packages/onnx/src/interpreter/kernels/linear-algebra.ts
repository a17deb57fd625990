// Matrix products and determinants.
import { elementCount } from '@percept/core';
import { integerFormat } from '../element-type.js';
import { broadcastPositions } from '../indexing.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { multiplyTensors, transposedMatrices } from '../matrix-product.js';
import { asTensor, fromNumbers, numbers, type TensorValue } from '../value.js';

export const MatMul: Kernel = ([a, b]) => [multiplyTensors(asTensor(a), asTensor(b))];

export const Gemm: Kernel = ([first, second, third], context) => {
  const a = context.int('transA', 0) === 0 ? asTensor(first) : transposedMatrices(asTensor(first));
  const b = context.int('transB', 0) === 0 ? asTensor(second) : transposedMatrices(asTensor(second));
  const [alpha, beta] = [context.float('alpha', 1), context.float('beta', 1)];
  const product = multiplyTensors(widened(a), widened(b));
  const values = numbers(product).map((value) => alpha * value);
  if (third !== undefined) {
    const bias = asTensor(third);
    const addends = numbers(bias);
    const positions = broadcastPositions(bias.dims, product.dims);
    for (let at = 0; at < values.length; at++) values[at]! += beta * addends[positions[at]!]!;
  }
  return [fromNumbers(a.type, product.dims, values)];
};

export const Det: Kernel = ([input]) => {
  const x = asTensor(input);
  const size = x.dims[x.dims.length - 1];
  if (size === undefined || x.dims[x.dims.length - 2] !== size) {
    throw malformed(`Expected square matrices for Det but received [${x.dims.join(', ')}]`);
  }
  const batch = x.dims.slice(0, -2);
  const values = numbers(x);
  const determinants = Float64Array.from({ length: elementCount(batch) }, (_, at) =>
    determinant(Float64Array.from(values.subarray(at * size * size, (at + 1) * size * size)), size),
  );
  return [fromNumbers(x.type, batch, determinants)];
};

/** Floats as double, so that the product is rounded only after the bias is added. */
function widened(tensor: TensorValue): TensorValue {
  return integerFormat(tensor.type) === undefined ? fromNumbers('float64', tensor.dims, numbers(tensor)) : tensor;
}

/** Gaussian elimination with partial pivoting, in place. */
function determinant(matrix: Float64Array, size: number): number {
  let result = 1;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row * size + column]!) > Math.abs(matrix[pivot * size + column]!)) pivot = row;
    }
    const head = matrix[pivot * size + column]!;
    if (head === 0) return 0;
    if (pivot !== column) {
      result = -result;
      const rows = [matrix.slice(pivot * size, (pivot + 1) * size), matrix.slice(column * size, (column + 1) * size)];
      matrix.set(rows[0]!, column * size);
      matrix.set(rows[1]!, pivot * size);
    }
    result *= head;
    for (let row = column + 1; row < size; row++) {
      const factor = matrix[row * size + column]! / head;
      for (let k = column; k < size; k++) matrix[row * size + k]! -= factor * matrix[column * size + k]!;
    }
  }
  return result;
}
