import { elementCount } from '@percept/core';
import { forEachIndex, strides } from './indexing.js';
import { pick, type TensorValue } from './value.js';

/** What stands outside of a padded tensor: a constant, its mirror image, its edge, or itself again. */
export type PadMode = 'constant' | 'reflect' | 'edge' | 'wrap';

/** Pads (or, by negative numbers, crops) every axis. `fill` is one element, zero by default. */
export function padded(
  tensor: TensorValue,
  before: readonly number[],
  after: readonly number[],
  { mode, fill }: { readonly mode: PadMode; readonly fill?: TensorValue },
): TensorValue {
  const steps = strides(tensor.dims);
  const dims = tensor.dims.map((dim, axis) => Math.max(0, dim + before[axis]! + after[axis]!));
  const sourcesOf = dims.map((length, axis) =>
    Array.from({ length }, (_, at) => inside(at - before[axis]!, tensor.dims[axis]!, mode)),
  );
  const sources = new Int32Array(elementCount(dims));
  forEachIndex(dims, (index, at) => {
    let position = 0;
    for (const [axis, step] of steps.entries()) {
      const source = sourcesOf[axis]![index[axis]!]!;
      if (source < 0) {
        position = -1;
        break;
      }
      position += source * step;
    }
    sources[at] = position;
  });
  return pick(tensor, dims, sources, fill);
}

/** The index in `[0, size)` that a position is read from, -1 for none. */
function inside(position: number, size: number, mode: PadMode): number {
  if (position >= 0 && position < size) return position;
  if (mode === 'constant' || size === 0) return -1;
  if (mode === 'edge') return position < 0 ? 0 : size - 1;
  if (mode === 'wrap') return ((position % size) + size) % size;
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const place = ((position % period) + period) % period;
  return place < size ? place : period - place;
}
