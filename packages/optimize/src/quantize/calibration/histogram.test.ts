import { keyedRandom } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastSquaresRange, percentileRange, squaredError } from './clip-range.js';
import { type Histogram, MagnitudeHistogram, SignedHistogram } from './histogram.js';

const finite = fc.float({ noNaN: true, min: -1e6, max: 1e6 });
const batch = fc.array(finite, { minLength: 1, maxLength: 40 }).map((values) => Float32Array.from(values));
const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const total = ({ counts }: Histogram) => counts.reduce((sum, count) => sum + count, 0);

describe('SignedHistogram', () => {
  it('counts every value once, however far it has to widen, within its limit', () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), (batches) => {
        const histogram = new SignedHistogram(16, 256);
        let count = 0;
        for (const values of batches) {
          histogram.add(values, largest(values));
          count += values.length;
          expect(total(histogram)).toBe(count);
          expect(histogram.counts.length).toBeLessThanOrEqual(256);
          expect(histogram.counts.length % 2).toBe(0);
          expect(histogram.edges).toHaveLength(histogram.counts.length + 1);
          // As near to zero as float32 numbers of the range's size tell, or normal ones at all.
          const middle = histogram.edges[histogram.counts.length / 2]!;
          expect(Math.abs(middle)).toBeLessThanOrEqual(histogram.edges.at(-1)! * 2 ** -22 + 2 ** -126);
        }
      }),
    );
  });

  it('keeps to its limit when an outlier comes', () => {
    const histogram = new SignedHistogram(128, 1024);
    histogram.add(Float32Array.of(-1e-3, 5e-4, 1e-3), 1e-3);
    histogram.add(Float32Array.of(1e6), 1e6);
    expect(total(histogram)).toBe(4);
    expect(histogram.counts.length).toBeLessThanOrEqual(1024);
    expect(histogram.edges.at(-1)).toBeGreaterThanOrEqual(1e6);
  });

  it('holds zeros alone, and what comes after them', () => {
    const histogram = new SignedHistogram(8, 64);
    histogram.add(new Float32Array(3), 0);
    expect([...histogram.counts]).toEqual([0, 0, 0, 0, 3, 0, 0, 0]);
    histogram.add(Float32Array.of(-2, 2), 2);
    expect([...histogram.counts]).toEqual([1, 0, 0, 0, 3, 0, 0, 1]);
  });
});

describe('MagnitudeHistogram', () => {
  it('counts every magnitude that is no smaller than the first batch has', () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), (batches) => {
        const histogram = new MagnitudeHistogram(16, 256);
        batches[0]![0] = 0;
        let count = 0;
        for (const values of batches) {
          histogram.add(values, largest(values));
          count += values.length;
          expect(total(histogram)).toBe(count);
          expect(histogram.counts.length).toBeLessThanOrEqual(256);
        }
      }),
    );
  });
});

describe('leastSquaresRange', () => {
  const normalWithOutlier = () => {
    const random = keyedRandom('least squares');
    const values = Float32Array.from({ length: 4000 }, () => random.normal());
    values[7] = 60;
    const histogram = new SignedHistogram(2048, 8192);
    histogram.add(values, largest(values));
    const extremes = [Math.min(...values), 60] as const;
    return { histogram, extremes };
  };

  it('has no more error than the extremes, and than any cut that is tried by itself', () => {
    const { histogram, extremes } = normalWithOutlier();
    const [low, high] = leastSquaresRange(histogram, 16, extremes);
    const least = squaredError(histogram, 16, low, high);
    expect(least).toBeLessThan(squaredError(histogram, 16, ...extremes));
    for (let share = 0.01; share < 1; share += 0.01) {
      const cut = squaredError(histogram, 16, extremes[0] * share, extremes[1] * share);
      expect(least).toBeLessThanOrEqual(cut * (1 + 1e-6));
    }
  });

  it('never goes beyond the extremes', () => {
    fc.assert(
      fc.property(batch, (values) => {
        const histogram = new SignedHistogram(64, 256);
        histogram.add(values, largest(values));
        const extremes = [Math.min(...values), Math.max(...values)] as const;
        for (const [low, high] of [
          leastSquaresRange(histogram, 256, extremes),
          percentileRange(histogram, 90, extremes),
        ]) {
          expect(low).toBeGreaterThanOrEqual(extremes[0]);
          expect(high).toBeLessThanOrEqual(extremes[1]);
        }
      }),
    );
  });
});
