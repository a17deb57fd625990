import { malformed } from './interpreter-errors.js';
import { numbers, type TensorValue } from './value.js';

/** A tensor seen as [batch, heads, length, size]. */
export interface Heads {
  readonly batch: number;
  readonly heads: number;
  readonly length: number;
  readonly size: number;
  readonly values: Float64Array;
}

/** [batch, heads, length, size] as it is, or [batch, length, heads × size] with the heads brought before the length. */
export function headsOf(tensor: TensorValue, count: number | undefined): Heads {
  const values = numbers(tensor);
  if (tensor.dims.length === 4) {
    const [batch, heads, length, size] = tensor.dims as [number, number, number, number];
    return { batch, heads, length, size, values };
  }
  const [batch, length, hidden] = tensor.dims as [number, number, number];
  if (tensor.dims.length !== 3 || count === undefined || hidden % count !== 0) {
    throw malformed(
      `Expected a number of heads that divides the last size of [${tensor.dims.join(', ')}] but received ${count}`,
    );
  }
  const size = hidden / count;
  const moved = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) moved[swapped(at, length, count, size)] = values[at]!;
  return { batch, heads: count, length, size, values: moved };
}

/** The elements as [batch, length, heads × size]. */
export function packedHeads({ heads, length, size, values }: Heads): Float64Array {
  const moved = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) moved[swapped(at, heads, length, size)] = values[at]!;
  return moved;
}

/** Where an element of [batch, first, second, size] stands in [batch, second, first, size]. */
function swapped(at: number, first: number, second: number, size: number): number {
  const inner = at % size;
  const b = Math.floor(at / size) % second;
  const a = Math.floor(at / (size * second)) % first;
  const block = Math.floor(at / (size * second * first));
  return ((block * second + b) * first + a) * size + inner;
}
