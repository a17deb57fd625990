import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential, logarithm, sineCosine } from './arithmetic.js';

const angle = fc.double({ min: -1080, max: 1080, noNaN: true });

describe('sineCosine', () => {
  it('agrees with Math.sin and Math.cos to 1e-12', () => {
    fc.assert(
      fc.property(angle, (degrees) => {
        const { sine, cosine } = sineCosine(degrees);
        const turned = ((degrees % 360) * Math.PI) / 180;
        expect(Math.abs(sine - Math.sin(turned))).toBeLessThanOrEqual(1e-12);
        expect(Math.abs(cosine - Math.cos(turned))).toBeLessThanOrEqual(1e-12);
      }),
      { numRuns: 2000 },
    );
  });

  it('is exact at quarter turns', () => {
    const table = [-180, -90, 0, 90, 180, 270, 360].map(sineCosine).map(({ sine, cosine }) => [sine + 0, cosine + 0]);
    expect(table).toEqual([
      [0, -1],
      [-1, 0],
      [0, 1],
      [1, 0],
      [0, -1],
      [-1, 0],
      [0, 1],
    ]);
  });
});

describe('logarithm and exponential', () => {
  it('agree with Math.log and Math.exp to 1e-12', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (x) => {
        expect(Math.abs(logarithm(x) - Math.log(x))).toBeLessThanOrEqual(1e-12);
        expect(Math.abs(exponential(logarithm(x)) / x - 1)).toBeLessThanOrEqual(1e-12);
      }),
      { numRuns: 1000 },
    );
  });
});
