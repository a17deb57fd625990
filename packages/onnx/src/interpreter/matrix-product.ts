// Matrix products with the broadcasting of numpy.matmul.
import { elementCount } from '@percept/core';
import { integerFormat } from './element-type.js';
import { broadcastPositions, broadcastShape } from './indexing.js';
import { malformed } from './interpreter-errors.js';
import { bigints, fromBigInts, fromNumbers, numbers, pick, type TensorValue } from './value.js';

interface ProductPlan {
  readonly dims: number[];
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** For each matrix of the result, which matrix of either operand it is made from. */
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** What multiplies with what: vectors become matrices of one row or column, and lose it again in the result. */
function productPlan(aDims: readonly number[], bDims: readonly number[]): ProductPlan {
  const a = aDims.length === 1 ? [1, ...aDims] : aDims;
  const b = bDims.length === 1 ? [...bDims, 1] : bDims;
  const [rows, inner] = [a[a.length - 2], a[a.length - 1]];
  const [innerOfB, columns] = [b[b.length - 2], b[b.length - 1]];
  if (rows === undefined || columns === undefined || inner !== innerOfB) {
    throw malformed(`Expected matrices that multiply but received [${aDims.join(', ')}] and [${bDims.join(', ')}]`);
  }
  const batch = broadcastShape(a.slice(0, -2), b.slice(0, -2));
  return {
    dims: [...batch, ...(aDims.length === 1 ? [] : [rows]), ...(bDims.length === 1 ? [] : [columns])],
    rows,
    inner: inner!,
    columns,
    left: broadcastPositions(a.slice(0, -2), batch),
    right: broadcastPositions(b.slice(0, -2), batch),
  };
}

/** The product of two arrays of numbers, summed in double. */
export function multiply(
  a: ArrayLike<number>,
  aDims: readonly number[],
  b: ArrayLike<number>,
  bDims: readonly number[],
): { dims: number[]; values: Float64Array } {
  const { dims, rows, inner, columns, left, right } = productPlan(aDims, bDims);
  const values = new Float64Array(elementCount(dims));
  for (let batch = 0; batch < left.length; batch++) {
    for (let row = 0; row < rows; row++) {
      const from = (left[batch]! * rows + row) * inner;
      const to = (batch * rows + row) * columns;
      // Four terms at once: a model of one large product would take minutes otherwise.
      let k = 0;
      for (; k + 3 < inner; k += 4) {
        const [f0, f1, f2, f3] = [a[from + k]!, a[from + k + 1]!, a[from + k + 2]!, a[from + k + 3]!];
        const b0 = (right[batch]! * inner + k) * columns;
        const [b1, b2, b3] = [b0 + columns, b0 + 2 * columns, b0 + 3 * columns];
        for (let column = 0; column < columns; column++) {
          values[to + column]! +=
            f0 * b[b0 + column]! + f1 * b[b1 + column]! + f2 * b[b2 + column]! + f3 * b[b3 + column]!;
        }
      }
      for (; k < inner; k++) {
        const factor = a[from + k]!;
        const other = (right[batch]! * inner + k) * columns;
        for (let column = 0; column < columns; column++) values[to + column]! += factor * b[other + column]!;
      }
    }
  }
  return { dims, values };
}

/** The product of two tensors of one type: floats are summed in double, integers exactly and then wrapped. */
export function multiplyTensors(a: TensorValue, b: TensorValue): TensorValue {
  if (integerFormat(a.type) === undefined) {
    const { dims, values } = multiply(numbers(a), a.dims, numbers(b), b.dims);
    return fromNumbers(a.type, dims, values);
  }
  const { dims, rows, inner, columns, left, right } = productPlan(a.dims, b.dims);
  const [first, second] = [bigints(a), bigints(b)];
  const values: bigint[] = [];
  for (let batch = 0; batch < left.length; batch++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0n;
        for (let k = 0; k < inner; k++) {
          sum +=
            first[(left[batch]! * rows + row) * inner + k]! * second[(right[batch]! * inner + k) * columns + column]!;
        }
        values.push(sum);
      }
    }
  }
  return fromBigInts(a.type, dims, values);
}

/** A tensor of matrices with rows and columns swapped. A vector stays as it is. */
export function transposedMatrices(x: TensorValue): TensorValue {
  if (x.dims.length < 2) return x;
  const [rows, columns] = x.dims.slice(-2) as [number, number];
  const sources = Int32Array.from({ length: elementCount(x.dims) }, (_, at) => {
    const inner = at % (rows * columns);
    return at - inner + (inner % rows) * columns + Math.floor(inner / rows);
  });
  return pick(x, [...x.dims.slice(0, -2), columns, rows], sources);
}
