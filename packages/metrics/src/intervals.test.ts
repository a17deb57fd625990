import { readFileSync } from 'node:fs';
import { keyedRandom } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { bootstrapInterval, wilsonInterval } from './intervals.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/metrics/intervals.json', import.meta.url), 'utf8'),
) as { cases: { successes: number; trials: number; confidence: number; lower: number; upper: number }[] };

describe('wilsonInterval', () => {
  it.each(golden.cases)('$successes of $trials at $confidence equals SciPy', (expected) => {
    const { lower, upper } = wilsonInterval(expected.successes, expected.trials, expected.confidence);
    expect(lower).toBeCloseTo(expected.lower, 8);
    expect(upper).toBeCloseTo(expected.upper, 8);
  });

  it('knows nothing without trials', () => expect(wilsonInterval(0, 0)).toEqual({ lower: 0, upper: 1 }));

  it.each([
    [-1, 5],
    [6, 5],
    [Number.NaN, 5],
  ])('refuses %d of %d', (successes, trials) => {
    expect(() => wilsonInterval(successes, trials)).toThrow(/for successes/);
  });

  it.each([0, 1, 2])('refuses a confidence of %d', (confidence) => {
    expect(() => wilsonInterval(1, 2, confidence)).toThrow(/confidence/);
  });
});

describe('bootstrapInterval', () => {
  const random = keyedRandom(1, 'data');
  const values = Float64Array.from({ length: 200 }, () => random.normal());
  const mean = (indices: Int32Array) => indices.reduce((total, i) => total + values[i]!, 0) / indices.length;

  it('is where theory puts it for a mean: 1.96 standard errors around it', () => {
    const { lower, upper } = bootstrapInterval({ samples: 200, statistic: mean, resamples: 2000 });
    const center = mean(Int32Array.from(values.keys()));
    const error = Math.sqrt(values.reduce((total, value) => total + (value - center) ** 2, 0)) / 200;
    expect(lower).toBeCloseTo(center - 1.96 * error, 1.7);
    expect(upper).toBeCloseTo(center + 1.96 * error, 1.7);
  });

  it('depends on the seed alone, and is wider for more confidence', () => {
    const of = (seed: number, confidence: number) =>
      bootstrapInterval({ samples: 200, statistic: mean, seed, confidence });
    expect(of(3, 0.9)).toEqual(of(3, 0.9));
    expect(of(4, 0.9)).not.toEqual(of(3, 0.9));
    expect(of(3, 0.99).lower).toBeLessThan(of(3, 0.9).lower);
    expect(of(3, 0.99).upper).toBeGreaterThan(of(3, 0.9).upper);
  });

  it('leaves out draws on which the metric is undefined', () => {
    const positives = (indices: Int32Array) => (indices.includes(0) ? 1 : Number.NaN);
    expect(bootstrapInterval({ samples: 3, statistic: positives })).toEqual({ lower: 1, upper: 1 });
    expect(bootstrapInterval({ samples: 3, statistic: () => Number.NaN })).toEqual({
      lower: Number.NaN,
      upper: Number.NaN,
    });
  });
});
