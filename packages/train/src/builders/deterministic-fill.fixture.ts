// The rule by which parameters and images of test/goldens/train/builders.py and stock-nets.py are filled.
import { elementCount, type Tensor, tensor } from '@percept/core';

/** `offset + scale * x` for `count` numbers x in [-1, 1) that depend on the name (FNV-1a) and the index. */
export function hashedNumbers(name: string, count: number, offset = 0, scale = 1): Float32Array<ArrayBuffer> {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 16777619);
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) {
    let x = (index + seed) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    values[index] = offset + scale * (((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1);
  }
  return values;
}

/** The values of the parameter, or of the image `input`. */
export function deterministicFill(name: string, dims: readonly number[]): Tensor<'float32'> {
  const { offset, scale } = range(name, dims);
  return tensor('float32', dims, hashedNumbers(name, elementCount(dims), offset, scale));
}

function range(name: string, dims: readonly number[]): { offset: number; scale: number } {
  if (name === 'input') return { offset: 0, scale: 1 };
  if (name.endsWith('running_var') || (name.endsWith('weight') && dims.length === 1)) return { offset: 1, scale: 0.5 };
  return { offset: 0, scale: dims.length === 1 ? 0.1 : Math.sqrt(6 / elementCount(dims.slice(1))) };
}
