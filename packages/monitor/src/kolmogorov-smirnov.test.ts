import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kolmogorovSurvival } from './kolmogorov-distribution.js';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';

interface Golden {
  cases: { name: string; a: number[]; b: number[]; statistic: number; pValue: number | null }[];
  survival: [n: number, d: number, probability: number][];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/monitor/drift.json', import.meta.url), 'utf8'),
) as Golden;

describe('kolmogorovSurvival', () => {
  it('equals SciPy on all ranges of n and d', () => {
    for (const [n, d, probability] of golden.survival) {
      expect(Math.abs(kolmogorovSurvival(n, d) - probability), `n ${n}, d ${d}`).toBeLessThanOrEqual(1e-9);
    }
  });

  it('is 1 at 0, 0 at 1, and falls', () => {
    for (const n of [1, 7, 140, 141, 3000]) {
      expect(kolmogorovSurvival(n, 0)).toBe(1);
      expect(kolmogorovSurvival(n, 1)).toBe(0);
      let last = 1;
      for (let d = 0; d <= 1; d += 0.01) {
        const now = kolmogorovSurvival(n, d);
        expect(now).toBeLessThanOrEqual(last + 1e-9);
        last = now;
      }
    }
  });
});

describe('kolmogorovSmirnov', () => {
  it.each(golden.cases)('equals ks_2samp: $name', ({ a, b, statistic, pValue }) => {
    const result = kolmogorovSmirnov(a, b);
    expect(result.statistic).toBeCloseTo(statistic, 12);
    // SciPy's answer for one value each is NaN.
    expect(Math.abs(result.pValue - (pValue ?? 1))).toBeLessThanOrEqual(1e-9);
  });

  it('leaves its samples as they are', () => {
    const a = [3, 1, 2];
    kolmogorovSmirnov(a, new Float32Array([2]));
    expect(a).toEqual([3, 1, 2]);
  });

  it('refuses empty samples and NaN', () => {
    const message = /Expected numbers in the second sample/;
    expect(() => kolmogorovSmirnov([1], [])).toThrow(message);
    expect(() => kolmogorovSmirnov([1], [1, Number.NaN])).toThrow(message);
  });
});
