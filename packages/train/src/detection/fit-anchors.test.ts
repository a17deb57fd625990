import { keyedRandom } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { fitAnchors } from './fit-anchors.js';

describe('fitAnchors', () => {
  it('finds the shapes that boxes were drawn around', () => {
    const truth = [
      [0.06, 0.08],
      [0.16, 0.2],
      [0.35, 0.3],
    ] as const;
    const random = keyedRandom(1);
    const sizes = Array.from({ length: 300 }, (_, i) => truth[i % 3]!.map((side) => side * random.uniform(0.9, 1.1)));
    const { shapes, meanIou } = fitAnchors(sizes.flat(), { perLevel: [1, 2] });
    expect(shapes.map((level) => level.length)).toEqual([1, 2]);
    for (const [i, shape] of shapes.flat().entries()) {
      for (const axis of [0, 1] as const) expect(shape[axis] / truth[i]![axis]).toBeCloseTo(1, 1);
    }
    expect(meanIou).toBeGreaterThan(0.88);
    expect(fitAnchors(sizes.flat(), { perLevel: [1, 2] })).toEqual({ shapes, meanIou });
  });

  it('fits better with more anchors', () => {
    const random = keyedRandom(2);
    const sizes = Array.from({ length: 400 }, () => random.uniform(0.02, 0.8));
    const fits = [1, 3, 9].map((count) => fitAnchors(sizes, { perLevel: [count] }).meanIou);
    expect(fits).toEqual([...fits].sort());
  });

  it.each([
    ['fewer boxes than anchors', [0.1, 0.1], [2]],
    ['sides of 0', [0.1, 0, 0.1, 0.1], [1]],
    ['an odd number of sides', [0.1, 0.1, 0.2], [1]],
    ['no feature map', [0.1, 0.1], []],
  ])('refuses %s', (_, sizes, perLevel) => {
    expect(() => fitAnchors(sizes, { perLevel })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
