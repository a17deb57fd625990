import { PerceptError } from './errors.js';
import { philox4x32 } from './philox.js';
import { type RandomPathPart, randomKey } from './random-key.js';

const rounds = 6;

/**
 * A random permutation of `0..length-1` that is never materialised: `at(position)` is computed, in constant memory, from
 * the key alone. A Feistel network over the smallest even number of bits that holds `length`, with cycle walking
 * (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002); round function Philox4x32-10.
 */
export interface KeyedPermutation {
  /** Number of elements, at most 2^32. */
  readonly length: number;
  /** The element at a position; throws `INVALID_ARGUMENT` outside `[0, length)`. */
  at(position: number): number;
}

/**
 * The permutation of a path: `keyedPermutation(60_000, seed, epoch)`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when `length` is not an integer in [0, 2^32]
 */
export function keyedPermutation(length: number, ...path: readonly RandomPathPart[]): KeyedPermutation {
  if (!Number.isInteger(length) || length < 0 || length > 0x100000000) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected an integer in [0, 2^32] for length but received ${length}`);
  }
  const [key0, key1] = randomKey(...path);
  const words = new Uint32Array(4);
  let halfBits = 1;
  while (2 ** (2 * halfBits) < length) halfBits++;
  const half = 2 ** halfBits;

  const encrypt = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = 0; round < rounds; round++) {
      philox4x32(right, round, 0, 1, key0, key1, words);
      const next = (left ^ words[0]!) & (half - 1);
      left = right;
      right = next >>> 0;
    }
    return left * half + right;
  };

  return {
    length,
    at(position) {
      if (!Number.isInteger(position) || position < 0 || position >= length) {
        throw new PerceptError('INVALID_ARGUMENT', `Expected a position in [0, ${length}) but received ${position}`);
      }
      let value = encrypt(position);
      while (value >= length) value = encrypt(value);
      return value;
    },
  };
}
