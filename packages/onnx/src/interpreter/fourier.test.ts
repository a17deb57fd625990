import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erf, erfInverse } from './erf.js';
import { discreteFourierTransform } from './fourier.js';

const signal = fc
  .integer({ min: 1, max: 40 })
  .chain((size) =>
    fc.tuple(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size, maxLength: size }),
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size, maxLength: size }),
    ),
  )
  .map(([real, imaginary]) => ({ real: Float64Array.from(real), imaginary: Float64Array.from(imaginary) }));
const exact = (value: number) => value;

describe('discreteFourierTransform', () => {
  it('is its definition', () => {
    fc.assert(
      fc.property(signal, ({ real, imaginary }) => {
        const size = real.length;
        const { real: re, imaginary: im } = discreteFourierTransform({ real, imaginary }, false, exact);
        for (let k = 0; k < size; k++) {
          let [sumRe, sumIm] = [0, 0];
          for (let n = 0; n < size; n++) {
            const angle = (-2 * Math.PI * ((k * n) % size)) / size;
            sumRe += real[n]! * Math.cos(angle) - imaginary[n]! * Math.sin(angle);
            sumIm += real[n]! * Math.sin(angle) + imaginary[n]! * Math.cos(angle);
          }
          expect(re[k]).toBeCloseTo(sumRe, 10);
          expect(im[k]).toBeCloseTo(sumIm, 10);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is undone by its inverse', () => {
    fc.assert(
      fc.property(signal, (given) => {
        const back = discreteFourierTransform(discreteFourierTransform(given, false, exact), true, exact);
        for (const [k, value] of given.real.entries()) expect(back.real[k]).toBeCloseTo(value, 10);
        for (const [k, value] of given.imaginary.entries()) expect(back.imaginary[k]).toBeCloseTo(value, 10);
      }),
      { numRuns: 50 },
    );
  });
});

describe('erf', () => {
  it('has the values of the tables', () => {
    // Abramowitz and Stegun, table 7.1.
    for (const [x, y] of [
      [0, 0],
      [0.5, 0.5204998778],
      [1, 0.8427007929],
      [1.5, 0.9661051465],
      [2, 0.995322265],
    ] as const) {
      expect(erf(x)).toBeCloseTo(y, 10);
      expect(erf(-x)).toBeCloseTo(-y, 10);
    }
    expect([erf(Infinity), erf(-40), erf(Number.NaN)]).toEqual([1, -1, Number.NaN]);
  });

  it('is inverted', () => {
    for (const y of [-0.999, -0.5, 0, 1e-6, 0.3, 0.9999]) expect(erf(erfInverse(y))).toBeCloseTo(y, 12);
    expect([erfInverse(1), erfInverse(-1)]).toEqual([Infinity, -Infinity]);
  });
});
