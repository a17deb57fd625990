import { keyedRandom } from '@percept/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type MemoryLayout,
  memoryOf,
  movement,
  permutationOf,
  permutedLayout,
  plainLayout,
  reshapedLayout,
  sameLayout,
  transposedLayout,
} from './memory-layout.js';

/** For each place in memory, which element (counted as ONNX does) stands there. */
function elements({ axes, memory }: MemoryLayout): number[] {
  const sizes = axes.flat();
  const strides = sizes.map((_, atom) => sizes.slice(atom + 1).reduce((product, size) => product * size, 1));
  return memory.reduce<number[]>(
    (places, atom) =>
      places.flatMap((place) => Array.from({ length: sizes[atom]! }, (_, at) => place + at * strides[atom]!)),
    [0],
  );
}

/** Reorders elements that lie row by row in `shape`. */
function transposed(values: readonly number[], shape: readonly number[], permutation: readonly number[]): number[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return permutation
    .reduce<number[]>(
      (places, axis) =>
        places.flatMap((place) => Array.from({ length: shape[axis]! }, (_, at) => place + at * strides[axis]!)),
      [0],
    )
    .map((place) => values[place]!);
}

const shuffled = (length: number) => fc.shuffledSubarray([...Array(length).keys()], { minLength: length });

it('follows transpositions and reshapes without moving anything, and then moves elements as it says', () => {
  const sizes = fc.array(fc.constantFrom(1, 2, 3, 4, 6), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(4), (given, seed, steps) => {
      const random = keyedRandom('layout', seed);
      let dims: number[] = [...given];
      let layout = plainLayout(dims);
      // Where in memory each element is, in the order of ONNX, computed as ONNX would.
      let places = elements(layout);
      for (let step = 0; step < steps; step++) {
        if (random.integer(0, 2) === 0) {
          const order = sorted([...dims.keys()], () => random.uniform(0, 1));
          places = transposed(places, dims, order);
          layout = transposedLayout(layout, order);
          dims = order.map((axis) => dims[axis]!);
        } else {
          const total = places.length;
          const divisors = [1, 2, 3, 4, 6].filter((size) => total % size === 0);
          const first = divisors[random.integer(0, divisors.length)]!;
          const reshaped = reshapedLayout(layout, [first, total / first]);
          if (reshaped === undefined) continue;
          layout = reshaped;
          dims = [first, total / first];
        }
      }
      const held = elements(layout);
      expect(held.map((element) => places[element])).toEqual([...held.keys()]);
      const target = memoryOf(layout.axes, [...dims.keys()].reverse());
      const { shape, permutation } = movement(layout, target);
      expect(transposed(held, shape, permutation)).toEqual(elements({ axes: layout.axes, memory: target }));
    }),
    { numRuns: 500 },
  );
});

function sorted(values: readonly number[], key: () => number): number[] {
  const keys = values.map(key);
  return values.toSorted((a, b) => keys[a]! - keys[b]!);
}

it('tells the order of axes, and when one is scattered', () => {
  const image = permutedLayout([1, 3, 4, 5], [0, 2, 3, 1]);
  expect(permutationOf(image)).toEqual([0, 2, 3, 1]);
  expect(permutationOf(reshapedLayout(image, [1, 60])!)).toBeUndefined();
  expect(permutationOf(reshapedLayout(image, [1, 3, 20])!)).toEqual([0, 2, 1]);
  expect(reshapedLayout(plainLayout([4, 3]), [3, 4])).toBeUndefined();
  expect(sameLayout(permutedLayout([1, 8, 1, 1], [0, 2, 3, 1]), plainLayout([1, 8, 1, 1]))).toBe(true);
});

it('undoes transpositions', () => {
  fc.assert(
    fc.property(shuffled(4), (order) => {
      const layout = plainLayout([2, 3, 4, 5]);
      const back = order.map((_, axis) => order.indexOf(axis));
      expect(transposedLayout(transposedLayout(layout, order), back)).toEqual(layout);
    }),
  );
});
