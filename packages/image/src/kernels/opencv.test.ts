import { describe, expect, it } from 'vitest';
import { largestDifference, noise } from '../../../../test/goldens/image/goldens.js';
import goldens from '../../../../test/goldens/image/kernels-pixels.json';
import { integralImage, integralOfSquares } from './integral.js';
import { opencvCases } from './opencv.fixture.js';
import { channelStatistics, histogram } from './statistics.js';

const photo = noise(33, 25, 3);

describe(`as ${goldens.tool} does`, () => {
  it.each(opencvCases)('$name, within $tolerance levels', ({ received, expected, tolerance }) => {
    expect(largestDifference(received(), expected)).toBeLessThanOrEqual(tolerance);
  });

  it('counts, averages and integrates', () => {
    expect(histogram(photo).map((counts) => [...counts])).toEqual(goldens.histogram);
    for (const [channel, { mean, std }] of channelStatistics(photo).entries()) {
      expect(mean).toBeCloseTo(goldens.mean[channel]!, 9);
      expect(std).toBeCloseTo(goldens.std[channel]!, 9);
    }
    const grid = ({ width, height, data }: { width: number; height: number; data: ArrayLike<number> }): number[] => {
      const picked: number[] = [];
      for (let y = 0; y < height; y += 5) {
        for (let x = 0; x < width; x += 4) for (let c = 0; c < 3; c++) picked.push(data[(y * width + x) * 3 + c]!);
      }
      return picked;
    };
    expect(grid(integralImage(photo))).toEqual(goldens.integral);
    expect(grid(integralOfSquares(photo))).toEqual(goldens.integralOfSquares);
  });
});
