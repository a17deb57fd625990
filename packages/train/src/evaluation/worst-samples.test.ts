import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WorstSamples } from './worst-samples.js';

it('keeps what sorting everything would put first, earlier ones before later ones', () => {
  const badness = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double(), fc.constant(Number.NaN));
  fc.assert(
    fc.property(fc.array(badness), fc.integer({ min: 0, max: 8 }), (values, count) => {
      const worst = new WorstSamples<number>(count);
      let made = 0;
      for (const [index, value] of values.entries()) {
        worst.add(value, () => {
          made++;
          return index;
        });
      }
      const rank = (value: number) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value);
      const sorted = [...values.keys()].sort((a, b) => {
        const [one, other] = [rank(values[a]!), rank(values[b]!)];
        return one === other ? a - b : other > one ? 1 : -1;
      });
      expect(worst.values()).toEqual(sorted.slice(0, count));
      expect(made).toBeLessThanOrEqual(values.length);
    }),
  );
});
