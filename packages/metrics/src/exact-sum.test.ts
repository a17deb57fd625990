import fc from 'fast-check';
import { expect, it } from 'vitest';
import { centeredProduct, ExactSum } from './exact-sum.js';

// Multiples of 2^-60 as whole numbers: an implementation of sums that cannot round.
const unit = 2 ** -60;
const exact = fc.tuple(fc.maxSafeInteger(), fc.integer({ min: -60, max: 40 })).map(([digits, exponent]) => ({
  value: digits * 2 ** exponent,
  units: BigInt(digits) << BigInt(exponent + 60),
}));

it('is the sum rounded once, in any order and grouping', () => {
  fc.assert(
    fc.property(fc.array(exact, { maxLength: 20 }), fc.nat(20), (terms, at) => {
      const [first, second] = [new ExactSum(), new ExactSum()];
      for (const [i, { value }] of terms.entries()) (i < at ? first : second).add(value);
      second.merge(first);
      const total = terms.reduce((sum, { units }) => sum + units, 0n);
      // Number() of a bigint rounds to the nearest double, ties to even.
      expect(second.value).toBe(Number(total) * unit + 0);
      expect(new ExactSum(JSON.parse(JSON.stringify(second.parts))).value).toBe(second.value);
    }),
  );
});

it('loses nothing of a small variance beside a large mean', () => {
  const [ones, squares] = [new ExactSum(), new ExactSum()];
  for (const value of [1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.3]) {
    ones.add(value);
    squares.addProduct(value, value);
  }
  const deviations = [1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.3].map((value) => value - (1e9 + 0.2));
  const variance = deviations.reduce((sum, value) => sum + value ** 2, 0) / 3;
  expect(centeredProduct(3, squares, ones, ones) / 9 / variance).toBeCloseTo(1, 7);
});
