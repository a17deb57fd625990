import type { Image } from '@percept/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { images, samples } from './images.fixture.js';
import { integralImage, integralOfSquares } from './integral.js';
import * as integralReference from './reference/integral.js';
import * as reference from './reference/statistics.js';
import { channelStatistics, histogram } from './statistics.js';

const bytes = images(['uint8'], [1, 3, 4], 90).map((image) => image as Image<Uint8Array>);
const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

it('counts as the reference does', () => {
  fc.assert(
    fc.property(bytes, (image) => {
      expect(histogram(image)).toEqual(reference.histogram(image));
    }),
  );
});

it('sums as the reference does', () => {
  fc.assert(
    fc.property(images(['uint8', 'uint16', 'float32'], [1, 3, 4], 90), (image) => {
      expect(channelStatistics(image)).toEqual(reference.channelStatistics(image));
    }),
  );
});

it('says of one colour that it does not vary', () => {
  const image = { width: 100, height: 100, channels: 1 as const, data: new Uint8Array(10_000).fill(77) };
  expect(channelStatistics(image)).toEqual([
    { sum: 770_000, sumOfSquares: 59_290_000, mean: 77, std: 0, min: 77, max: 77 },
  ]);
});

it('integrates as the reference does', () => {
  fc.assert(
    fc.property(bytes, (image) => {
      expect(integralImage(image)).toEqual(integralReference.integralImage(image));
      expect(integralOfSquares(image)).toEqual(integralReference.integralOfSquares(image));
    }),
    { numRuns: 40 },
  );
});

it('integrates over many strips', () => {
  const image = { width: 1001, height: 300, channels: 3 as const, data: samples('uint8', 900_900, 5, false) };
  const sums = integralImage(image as Image<Uint8Array>);
  const totals = channelStatistics(image).map(({ sum }) => sum);
  expect([...sums.data.slice(-3)]).toEqual(totals);
  const squares = integralOfSquares(image as Image<Uint8Array>);
  expect([...squares.data.slice(-3)]).toEqual(channelStatistics(image).map(({ sumOfSquares }) => sumOfSquares));
});

it('refuses what it cannot count', () => {
  const wide = { width: 3, height: 1, channels: 1 as const, data: new Uint16Array(3) as never };
  expect(() => histogram(wide)).toThrowError(invalid);
  expect(() => integralImage(wide)).toThrowError(invalid);
  expect(() => channelStatistics({ ...wide, width: 2 })).toThrowError(invalid);
});
