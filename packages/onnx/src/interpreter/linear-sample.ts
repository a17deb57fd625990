import { strides } from './indexing.js';

/** Elements that an interpolated value is made of, and what each weighs. */
export interface WeightedPositions {
  readonly positions: number[];
  readonly weights: number[];
}

/**
 * The up to 2^n elements around a point of an n-dimensional grid, with the weights of linear interpolation. Elements
 * outside of the grid are left out: they count as zero.
 */
export function linearSample(dims: readonly number[], point: readonly number[]): WeightedPositions {
  let positions = [0];
  let weights = [1];
  const steps = strides(dims);
  for (const [axis, coordinate] of point.entries()) {
    const below = Math.floor(coordinate);
    const sides = [
      { place: below, weight: 1 - (coordinate - below) },
      { place: below + 1, weight: coordinate - below },
    ].filter(({ place, weight }) => place >= 0 && place < dims[axis]! && weight !== 0);
    [positions, weights] = [
      positions.flatMap((position) => sides.map(({ place }) => position + place * steps[axis]!)),
      weights.flatMap((weight) => sides.map((side) => weight * side.weight)),
    ];
  }
  return { positions, weights };
}
