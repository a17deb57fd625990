import { expect, it } from 'vitest';
import goldens from '../../../test/goldens/core/keyed-random.json';
import { keyedPermutation } from './permutation.js';
import { keyedRandom } from './random.js';
import { randomKey } from './random-key.js';

// A browser must draw the very bits that Node draws and that other implementations computed.
it.each(goldens.cases)('draws the golden numbers of %j in a browser', ({ path, key, uint32, float }) => {
  expect(randomKey(...path)).toEqual(key);
  const words = keyedRandom(...path);
  expect(uint32.map(() => words.uint32())).toEqual(uint32);
  const floats = keyedRandom(...path);
  expect(float.map(() => floats.float())).toEqual(float);
});

it('draws the normals and permutations that Node draws', () => {
  expect(keyedRandom(42, 'normal').normal()).toBe(0.7041652692941843);
  expect(Array.from({ length: 10 }, (_, i) => keyedPermutation(10, 42, 'order').at(i))).toEqual([
    2, 6, 7, 5, 3, 0, 9, 4, 8, 1,
  ]);
});
