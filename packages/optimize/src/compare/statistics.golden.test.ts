import { readFileSync } from 'node:fs';
import { wilsonInterval } from '@percept/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianInterval } from './median-interval.js';
import { pairedTest } from './paired-test.js';
import { paretoFront } from './pareto-front.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/optimize/comparison.json', import.meta.url), 'utf8'),
) as {
  proportions: { successes: number; trials: number; confidence: number; lower: number; upper: number }[];
  paired: { gained: number; lost: number; p: number }[];
  medians: { times: number[]; confidence: number; lower: number | null; upper: number | null }[];
};

describe('beside statsmodels and SciPy', () => {
  it.each(golden.proportions)(
    'accuracy $successes of $trials at $confidence lies where statsmodels says',
    (expected) => {
      const { lower, upper } = wilsonInterval(expected.successes, expected.trials, expected.confidence);
      expect(lower).toBeCloseTo(expected.lower, 8);
      expect(upper).toBeCloseTo(expected.upper, 8);
    },
  );

  it.each(golden.paired)('McNemar of $gained gained and $lost lost has p $p', ({ gained, lost, p }) => {
    const found = pairedTest(gained, lost);
    expect(found).toMatchObject({ gained, lost });
    expect(Math.abs(found.p / p - 1)).toBeLessThan(1e-9);
  });

  it.each(golden.medians)('the median of $times.length runs lies where SciPy says with $confidence', (expected) => {
    const found = medianInterval(
      expected.times.toSorted((a, b) => a - b),
      expected.confidence,
    );
    expect(found ?? { lower: null, upper: null }).toEqual({ lower: expected.lower, upper: expected.upper });
  });
});

it('pairedTest is a probability, the same both ways, and smaller the more uneven', () => {
  const counts = fc.integer({ min: 0, max: 5000 });
  fc.assert(
    fc.property(counts, counts, (gained, lost) => {
      const { p } = pairedTest(gained, lost);
      expect(p).toBeGreaterThanOrEqual(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(pairedTest(lost, gained).p).toBe(p);
      if (gained >= lost) expect(pairedTest(gained + 1, lost).p).toBeLessThanOrEqual(p + 1e-12);
    }),
  );
});

describe('paretoFront', () => {
  it('is what none other beats; equal ones are on it together, NaN is not', () => {
    const costs = [
      [1, 5],
      [2, 2],
      [2, 2],
      [2, 3],
      [5, 1],
      [Number.NaN, 1],
    ];
    expect(paretoFront(costs)).toEqual([true, true, true, false, true, false]);
  });

  it('beats everything that is not on it', () => {
    const rows = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 2 }), { minLength: 1 });
    fc.assert(
      fc.property(rows, (costs) => {
        const front = paretoFront(costs);
        expect(front).toContain(true);
        const best = costs.filter((_, at) => front[at]);
        for (const row of costs.filter((_, at) => !front[at])) {
          expect(best.some((other) => other[0]! <= row[0]! && other[1]! <= row[1]!)).toBe(true);
        }
      }),
    );
  });
});
