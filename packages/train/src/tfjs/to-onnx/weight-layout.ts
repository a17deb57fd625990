// Weights of layers and of ONNX hold the same numbers in another order.
import { elementCount } from '@percept/core';

/** How a weight of a layer becomes one of ONNX: seen as `view`, its axes in the order `perm`, seen as `dims`. */
export interface WeightLayout {
  readonly view: readonly number[];
  readonly perm: readonly number[];
  readonly dims: readonly number[];
}

/** The numbers in the order of ONNX. */
export function toOnnxOrder(data: Float32Array, { view, perm }: WeightLayout): Float32Array {
  return permuted(data, view, perm);
}

/** The numbers in the order of the layer again. */
export function fromOnnxOrder(data: Float32Array, { view, perm }: WeightLayout): Float32Array {
  const seen = perm.map((axis) => view[axis]!);
  const inverse = [...perm.keys()].map((axis) => perm.indexOf(axis));
  return permuted(data, seen, inverse);
}

/** Axis i of the result is axis `perm[i]` of `data`, which has the shape `dims`. */
function permuted(data: Float32Array, dims: readonly number[], perm: readonly number[]): Float32Array {
  const strides = dims.map((_, axis) => elementCount(dims.slice(axis + 1)));
  const sizes = perm.map((axis) => dims[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const result = new Float32Array(data.length);
  const index = sizes.map(() => 0);
  let from = 0;
  for (let at = 0; at < result.length; at++) {
    result[at] = data[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
