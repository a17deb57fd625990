import { expect, it } from 'vitest';
import { compareObjects, imageF1 } from './compare-objects.js';

const none = { boxes: new Float32Array(0), labels: [] };

it('gives each detection the free object of its class that it overlaps most', () => {
  const truth = { boxes: Float32Array.of(0, 0, 10, 10, 2, 0, 12, 10, 50, 50, 60, 60), labels: [0, 0, 1] };
  const found = {
    // The first fits both, the second better; the second one takes what is left; the third is of another class.
    boxes: Float32Array.of(2, 0, 12, 10, 1, 0, 11, 10, 50, 50, 60, 60),
    labels: [0, 0, 0],
  };
  expect(compareObjects(found, truth)).toEqual({ right: 2, missed: [1], wrong: [0] });
  expect(imageF1(compareObjects(found, truth))).toBeCloseTo(4 / 6, 12);
  const again = { boxes: Float32Array.of(50, 50, 60, 60, 50, 50, 60, 60, 50, 50, 60, 54), labels: [1, 1, 1] };
  expect(compareObjects(again, truth)).toEqual({ right: 1, missed: [0, 0], wrong: [1, 1] });
});

it('is perfect where nothing is and nothing was found', () => {
  expect(imageF1(compareObjects(none, none))).toBe(1);
  const one = { boxes: Float32Array.of(0, 0, 1, 1), labels: [0] };
  expect(imageF1(compareObjects(none, one))).toBe(0);
  expect(imageF1(compareObjects(one, none))).toBe(0);
});
