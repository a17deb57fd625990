import { type Distribution, keyedRandom } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDistribution } from './distribution.js';
import { isDistribution, populationStabilityIndex, samplingStabilityIndex } from './population-stability.js';
import { referenceTest } from './reference-test.js';

const repeat = (value: number, count: number) => new Array<number>(count).fill(value);

describe('describeDistribution', () => {
  it('divides a smooth sample into bins of equal frequency', () => {
    const distribution = describeDistribution(Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000));
    expect(distribution.edges).toEqual([0.1005, 0.2005, 0.3005, 0.4005, 0.5005, 0.6005, 0.7005, 0.8005, 0.9005]);
    expect(distribution.shares).toEqual(repeat(0.1, 10));
    expect(distribution.quantiles).toHaveLength(21);
    expect([distribution.quantiles[0], distribution.quantiles[20]]).toEqual([0.001, 1]);
    expect(distribution).toMatchObject({ count: 1000, mean: 0.5005, standardDeviation: 0.28867 });
  });

  it('gives values that fill a bin one of their own', () => {
    const { edges, shares } = describeDistribution([...repeat(28, 60), ...repeat(64, 40)]);
    expect(edges).toEqual([27.972, 28.028, 63.936, 64.064]);
    expect(shares).toEqual([0, 0.6, 0, 0.4, 0]);
  });

  it('holds together for any values', () => {
    const values = fc.array(fc.oneof(fc.double(), fc.constantFrom(0, 1, 28, 0.9999)), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 20 }), (sample, bins) => {
        fc.pre(sample.some((value) => Math.abs(value) < 1e100));
        const finite = sample.filter((value) => Math.abs(value) < 1e100);
        const distribution = describeDistribution(finite, { bins });
        expect(isDistribution(distribution)).toBe(true);
        expect(new Set(distribution.edges).size).toBe(distribution.edges.length);
        expect(distribution.edges.length).toBeLessThanOrEqual(3 * bins);
        expect(distribution.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
        expect(populationStabilityIndex(distribution, finite)).toBeLessThan(0.1);
        expect(JSON.parse(JSON.stringify(distribution))).toEqual(distribution);
      }),
    );
  });

  it('refuses samples without a finite value', () => {
    expect(() => describeDistribution([Number.NaN])).toThrow(/Expected finite numbers but received none among 1/);
    expect(() => describeDistribution([1], { bins: 1 })).toThrow(/bins of describeDistribution\(\) options/);
  });
});

describe('populationStabilityIndex', () => {
  const thousand = describeDistribution(Array.from({ length: 1000 }, (_, i) => i));

  it('is the textbook sum when no bin is empty and smoothing is small', () => {
    const reference: Distribution = { ...thousand, edges: [0], shares: [0.5, 0.5] };
    const values = [...repeat(-1, 60_000), ...repeat(1, 40_000)];
    expect(populationStabilityIndex(reference, values)).toBeCloseTo(0.1 * Math.log(1.2) - 0.1 * Math.log(0.8), 3);
  });

  it('is about nothing for a constant that stays and large for one that changed', () => {
    for (const constant of [28, 0, 0.12345, 1]) {
      const reference = describeDistribution(repeat(constant, 500));
      expect(populationStabilityIndex(reference, repeat(constant, 100))).toBeLessThan(0.01);
      expect(populationStabilityIndex(reference, repeat(constant * 1.01 + 0.01, 100))).toBeGreaterThan(4);
      expect(populationStabilityIndex(reference, repeat(constant * 0.99 - 0.01, 100))).toBeGreaterThan(4);
    }
  });

  it('counts a bin of 10 % that 500 values avoid as the documentation says', () => {
    const values = Array.from({ length: 500 }, (_, i) => 100 + (i / 500) * 900);
    const spread = populationStabilityIndex(thousand, values);
    expect(spread).toBeGreaterThan(0.35);
    expect(spread).toBeLessThan(0.45);
  });

  it('has the average over samples of one distribution that theory gives', () => {
    const random = keyedRandom('stability');
    const normal = (n: number) => Array.from({ length: n }, () => random.normal());
    const reference = describeDistribution(normal(2000));
    for (const n of [100, 500]) {
      const runs = Array.from({ length: 200 }, () => populationStabilityIndex(reference, normal(n)));
      const mean = runs.reduce((sum, psi) => sum + psi, 0) / runs.length;
      expect(mean / samplingStabilityIndex(reference, n)).toBeCloseTo(1, 0);
      expect(Math.max(...runs)).toBeLessThan(0.25);
    }
  });

  it('leaves out what is not finite and refuses what does not fit together', () => {
    expect(populationStabilityIndex(thousand, [1, Number.NaN])).toBe(populationStabilityIndex(thousand, [1]));
    expect(() => populationStabilityIndex(thousand, [])).toThrow(/Expected finite numbers/);
    expect(() => populationStabilityIndex({ ...thousand, shares: [1] }, [1])).toThrow(/does not fit together/);
  });
});

describe('referenceTest', () => {
  it('finds no more than the test of full samples, and little less', () => {
    const random = keyedRandom('reference test');
    for (let run = 0; run < 50; run++) {
      const shift = random.uniform(0, 2);
      const sample = Float64Array.from({ length: 300 }, () => random.normal());
      const current = Float64Array.from({ length: 200 }, () => random.normal() + shift).sort();
      let full = 0;
      for (const x of [...sample, ...current]) {
        const upTo = (values: Float64Array) => values.filter((value) => value <= x).length / values.length;
        full = Math.max(full, Math.abs(upTo(sample) - upTo(current)));
      }
      const { statistic } = referenceTest(describeDistribution(sample), current);
      expect(statistic).toBeLessThanOrEqual(full + 0.005);
      expect(statistic).toBeGreaterThan(full - 0.05);
    }
  });

  it('judges atoms rightly', () => {
    const reference = describeDistribution([
      ...repeat(0, 630),
      ...Array.from({ length: 370 }, (_, i) => (i + 1) / 370),
    ]);
    const current = (zeros: number) =>
      Float64Array.from([
        ...repeat(0, zeros),
        ...Array.from({ length: 100 - zeros }, (_, i) => (i + 1) / (100 - zeros)),
      ]);
    expect(referenceTest(reference, current(63)).statistic).toBeLessThan(0.02);
    expect(referenceTest(reference, current(33)).statistic).toBeCloseTo(0.3, 2);
  });
});
