import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exponential, sinc, sineOfPi } from './series.js';

it('has e^x to 1e-12 of its value', () => {
  fc.assert(
    fc.property(fc.double({ min: -60, max: 60, noNaN: true }), (x) => {
      expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-12);
    }),
  );
  expect(exponential(0)).toBe(1);
});

it('has sin(πx) and sinc to 1e-12', () => {
  fc.assert(
    fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (x) => {
      expect(Math.abs(sineOfPi(x) - Math.sin(Math.PI * x))).toBeLessThan(1e-12);
      if (Math.abs(x) > 1e-3) expect(Math.abs(sinc(x) - Math.sin(Math.PI * x) / (Math.PI * x))).toBeLessThan(1e-12);
    }),
  );
  expect([sineOfPi(3), sinc(0)]).toEqual([-0, 1]);
});
