import { elementData, isComplex } from './element-type.js';
import { splitAt } from './indexing.js';
import { malformed } from './interpreter-errors.js';
import { type TensorValue, tensorValue } from './value.js';

/** Joins tensors of one type along an axis in `[0, rank)`; their other sizes agree. */
export function concatenated(tensors: readonly TensorValue[], axis: number): TensorValue {
  const [first] = tensors;
  if (first === undefined) throw malformed('Expected at least one tensor to join but received none');
  for (const { dims, type } of tensors) {
    const fits = dims.length === first.dims.length && dims.every((dim, at) => at === axis || dim === first.dims[at]);
    if (!fits || type !== first.type) {
      throw malformed(
        `Expected ${first.type} like [${first.dims}] but for axis ${axis} and received ${type} [${dims}]`,
      );
    }
  }
  const dims = first.dims.with(
    axis,
    tensors.reduce((sum, tensor) => sum + tensor.dims[axis]!, 0),
  );
  const { outer, size, inner } = splitAt(dims, axis);
  const width = isComplex(first.type) ? 2 : 1;
  const data = elementData(first.type, outer * size * inner) as Float64Array;
  let at = 0;
  for (const tensor of tensors) {
    const from = tensor.data as Float64Array;
    const run = tensor.dims[axis]! * inner * width;
    for (let block = 0; block < outer; block++) {
      const start = (block * size * inner + at) * width;
      for (let element = 0; element < run; element++) data[start + element] = from[block * run + element]!;
    }
    at += tensor.dims[axis]! * inner;
  }
  return tensorValue(first.type, dims, data);
}

/** Joins tensors of one shape along a new axis in `[0, rank]`. */
export function stacked(tensors: readonly TensorValue[], axis: number): TensorValue {
  return concatenated(
    tensors.map((tensor) => ({ ...tensor, dims: tensor.dims.toSpliced(axis, 0, 1) })),
    axis,
  );
}
