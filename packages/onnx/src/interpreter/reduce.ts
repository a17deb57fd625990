import { normalizeAxis, stridedPositions, strides } from './indexing.js';
import type { KernelContext } from './kernel.js';
import { asTensor, integers, type TensorValue, type Value } from './value.js';

/**
 * The axes that a reduction works over, given as an attribute (older versions) or as an input; all of them when none is
 * given, `undefined` when `noop_with_empty_axes` says that nothing is to be done then.
 */
export function reducedAxes(
  tensor: TensorValue,
  axesInput: Value | undefined,
  context: KernelContext,
): readonly number[] | undefined {
  const given = axesInput === undefined ? context.ints('axes', []) : integers(asTensor(axesInput, 'axes'));
  const rank = tensor.dims.length;
  if (given.length > 0) return given.map((axis) => normalizeAxis(axis, rank));
  return context.int('noop_with_empty_axes', 0) === 1 ? undefined : [...tensor.dims.keys()];
}

/** The shape that is left when axes are reduced, and for each of its elements the positions that it is made of. */
export function reduceGroups(dims: readonly number[], axes: readonly number[], keepDims: boolean) {
  const steps = strides(dims);
  const gone = new Set(axes);
  const left = [...dims.keys()].filter((axis) => !gone.has(axis));
  const over = [...dims.keys()].filter((axis) => gone.has(axis));
  const starts = stridedPositions(
    left.map((axis) => dims[axis]!),
    left.map((axis) => steps[axis]!),
  );
  const offsets = stridedPositions(
    over.map((axis) => dims[axis]!),
    over.map((axis) => steps[axis]!),
  );
  return {
    dims: keepDims ? dims.map((dim, axis) => (gone.has(axis) ? 1 : dim)) : left.map((axis) => dims[axis]!),
    groups: Array.from(starts, (start) => offsets.map((offset) => start + offset)),
  };
}
