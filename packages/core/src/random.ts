// Keyed, counter-based random numbers.
//
// A draw is a pure function of (key, counter), so samples, workers and restarts never share a stream: whoever knows the
// path (seed, epoch, sample key, transform) draws the same numbers. Only IEEE 754 arithmetic with one defined result
// (+ - * / sqrt) is used, never `Math.log` or `Math.sin`, whose last bits differ between engines.
import { PerceptError } from './errors.js';
import { philox4x32 } from './philox.js';
import { encodePath, hashPath, type RandomKey, type RandomPathPart } from './random-key.js';

/** Version of generator, key encoding and draws. It changes when the same path would draw other numbers. */
export const randomVersion = 1;

/** A generator bound to one key. Draws advance its private counter; `child` does not. */
export interface Random {
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** A multiple of 2^-53 in [0, 1). */
  float(): number;
  /** A number in [low, high). */
  uniform(low: number, high: number): number;
  /** An integer in [low, high), without modulo bias. Throws `INVALID_ARGUMENT` for an empty range or one wider than 2^32. */
  integer(low: number, high: number): number;
  /** `true` with the given probability (0..1). */
  boolean(probability: number): boolean;
  /** Fills `target` with multiples of 2^-24 in [0, 1), one word each: many numbers at a tenth of the cost of {@link float}. */
  fill(target: Float32Array): void;
  /** A draw from the normal distribution with mean 0 and standard deviation 1 (Marsaglia's polar method). */
  normal(): number;
  /** A generator for a sub-path, independent of how much has been drawn here. */
  child(...path: readonly RandomPathPart[]): Random;
}

/** The generator of a path: `keyedRandom(seed, epoch, sampleKey, 'flip')`. */
export function keyedRandom(...path: readonly RandomPathPart[]): Random {
  return new KeyedRandom(encodePath(path));
}

class KeyedRandom implements Random {
  readonly #path: Uint8Array;
  /** Computed at the first draw: most generators only have children. */
  #key: RandomKey | undefined;
  readonly #words = new Uint32Array(4);
  #block = 0;
  #used = 4;

  constructor(path: Uint8Array) {
    this.#path = path;
  }

  uint32(): number {
    if (this.#used === 4) {
      this.#key ??= hashPath(this.#path);
      const high = Math.floor(this.#block / 0x100000000);
      philox4x32(this.#block >>> 0, high, 0, 0, this.#key[0], this.#key[1], this.#words);
      this.#block++;
      this.#used = 0;
    }
    return this.#words[this.#used++]!;
  }

  float(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.float();
  }

  integer(low: number, high: number): number {
    const range = high - low;
    if (!Number.isInteger(low) || !Number.isInteger(high) || range < 1 || range > 0x100000000) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected integers low < high at most 2^32 apart but received ${low} and ${high}`,
      );
    }
    const limit = 0x100000000 - (0x100000000 % range);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return low + (word % range);
  }

  boolean(probability: number): boolean {
    return this.float() < probability;
  }

  fill(target: Float32Array): void {
    for (let i = 0; i < target.length; i++) target[i] = (this.uint32() >>> 8) / 0x1000000;
  }

  normal(): number {
    for (;;) {
      const u = 2 * this.float() - 1;
      const v = 2 * this.float() - 1;
      const square = u * u + v * v;
      if (square > 0 && square < 1) return u * Math.sqrt((-2 * naturalLog(square)) / square);
    }
  }

  child(...path: readonly RandomPathPart[]): Random {
    return new KeyedRandom(encodePath(path, this.#path));
  }
}

const LN2 = Math.LN2;

/** ln(x) for 0 < x < 1 from arithmetic alone, so every engine gives the same bits. Relative error below 1e-14. */
function naturalLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), |t| <= 0.1716, so 11 odd terms reach double precision.
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  for (let k = 21; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * t * sum + exponent * LN2;
}
