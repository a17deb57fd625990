import { PerceptError, randomKey } from '@percept/core';
import { sobolDirections } from './sobol-directions.js';

const bits = 32;

/** Dimensions that there are direction numbers for. */
export const mostSobolDimensions = sobolDirections.length + 1;

/** Options of {@link sobolPoint}. */
export interface SobolOptions {
  /** Scrambles the points by Owen's nested uniform scrambling, keyed by this number. Default: the plain sequence. */
  scramble?: number;
}

/**
 * A point of the Sobol' sequence (in the order of Gray codes, as `scipy.stats.qmc.Sobol`) in [0, 1)^dimensions.
 *
 * Scrambling keeps the even spread of every 2^k first points and frees them of the bias of the plain ones, of which the
 * first is the origin: each bit is flipped or not by a draw that is keyed by the bits before it (A. B. Owen, "Randomly
 * permuted (t,m,s)-nets and (t,s)-sequences", 1995).
 *
 * @param index - 0 ≤ index < 2^32
 * @param dimensions - 1 … 128
 * @throws PerceptError `INVALID_ARGUMENT` outside these ranges
 */
export function sobolPoint(index: number, dimensions: number, options: SobolOptions = {}): number[] {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** bits) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected an index in [0, 2^32) for sobolPoint() but received ${index}`);
  }
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > mostSobolDimensions) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected 1 to ${mostSobolDimensions} dimensions for sobolPoint() but received ${dimensions}`,
    );
  }
  const gray = (index ^ (index >>> 1)) >>> 0;
  return Array.from({ length: dimensions }, (_, dimension) => {
    const directions = directionsOf(dimension);
    let word = 0;
    for (let bit = 0; bit < bits; bit++) if ((gray >>> bit) & 1) word ^= directions[bit]!;
    const point = word >>> 0;
    return (options.scramble === undefined ? point : scrambled(point, dimension, options.scramble)) / 2 ** bits;
  });
}

function scrambled(word: number, dimension: number, seed: number): number {
  const [key0, key1] = randomKey(seed, 'owen', dimension);
  let result = 0;
  for (let bit = 0; bit < bits; bit++) {
    const place = bits - 1 - bit;
    // Shifting by 32 would shift by 0.
    const before = bit === 0 ? 0 : word >>> (place + 1);
    const flip = mix(mix(before ^ key0) ^ Math.imul(bit + 1, 0x9e3779b9) ^ key1) & 1;
    result |= (((word >>> place) & 1) ^ flip) << place;
  }
  return result >>> 0;
}

/** The finalizer of MurmurHash3: every bit of the result depends on every bit of the word. */
function mix(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const known = new Map<number, Int32Array>();

/** The 32 direction numbers of a dimension, the first bit of the fraction on top. */
function directionsOf(dimension: number): Int32Array {
  const before = known.get(dimension);
  if (before) return before;
  const directions = new Int32Array(bits);
  if (dimension === 0) {
    for (let bit = 0; bit < bits; bit++) directions[bit] = 1 << (bits - 1 - bit);
  } else {
    const [polynomial, ...initial] = sobolDirections[dimension - 1]! as [number, ...number[]];
    const degree = initial.length;
    for (let bit = 0; bit < bits; bit++) {
      if (bit < degree) {
        directions[bit] = initial[bit]! << (bits - 1 - bit);
        continue;
      }
      let word = directions[bit - degree]! ^ (directions[bit - degree]! >>> degree);
      for (let k = 1; k < degree; k++) {
        if ((polynomial >> (degree - k)) & 1) word ^= directions[bit - k]!;
      }
      directions[bit] = word;
    }
  }
  known.set(dimension, directions);
  return directions;
}
