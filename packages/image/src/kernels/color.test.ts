import type { Image } from '@percept/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { grayToRgb, rgbaToRgb, rgbToGray } from './gray.js';
import { hslToRgb, hsvToRgb, rgbToHsl, rgbToHsv } from './hue.js';
import { images } from './images.fixture.js';
import { labToRgb, rgbToLab } from './lab.js';
import * as grayReference from './reference/gray.js';
import * as hueReference from './reference/hue.js';
import * as labReference from './reference/lab.js';

type Convert = (image: Image<Uint8Array>) => Image<Uint8Array>;

const pairs: readonly (readonly [name: string, channels: readonly (1 | 3 | 4)[], Convert, Convert])[] = [
  ['rgbToHsv', [3], rgbToHsv, hueReference.rgbToHsv],
  ['hsvToRgb', [3], hsvToRgb, hueReference.hsvToRgb],
  ['rgbToHsl', [3], rgbToHsl, hueReference.rgbToHsl],
  ['hslToRgb', [3], hslToRgb, hueReference.hslToRgb],
  ['rgbToLab', [3], rgbToLab, labReference.rgbToLab],
  ['labToRgb', [3], labToRgb, labReference.labToRgb],
  ['rgbToGray', [3, 4], rgbToGray, grayReference.rgbToGray],
  ['grayToRgb', [1], grayToRgb, grayReference.grayToRgb],
  ['rgbaToRgb', [4], rgbaToRgb, grayReference.rgbaToRgb],
];

it.each(pairs)('%s equals its reference', (_, channels, kernel, reference) => {
  fc.assert(
    fc.property(images(['uint8'], channels, 60), (image) => {
      const bytes = image as Image<Uint8Array>;
      expect(kernel(bytes)).toEqual(reference(bytes));
    }),
    { numRuns: 50 },
  );
});

/** Every colour whose channels are multiples of 5: 140,608 pixels. */
function manyColors(): Image<Uint8Array> {
  const data = new Uint8Array(52 ** 3 * 3);
  for (let i = 0; i < data.length; i += 3) {
    const color = i / 3;
    data.set([(color % 52) * 5, (Math.floor(color / 52) % 52) * 5, Math.floor(color / 2704) * 5], i);
  }
  return { width: 52 ** 2, height: 52, channels: 3, data };
}

it.each(pairs.filter(([, channels]) => channels.includes(3)))(
  '%s equals its reference in all corners',
  (_n, _c, kernel, reference) => {
    expect(Buffer.compare(kernel(manyColors()).data, reference(manyColors()).data)).toBe(0);
  },
);

it('returns from HSV, HSL and Lab to a colour as close as 8 bits allow', () => {
  const colors = manyColors();
  const farthest = (back: Image<Uint8Array>): number =>
    back.data.reduce((most, value, i) => Math.max(most, Math.abs(value - colors.data[i]!)), 0);
  expect(farthest(hsvToRgb(rgbToHsv(colors)))).toBeLessThanOrEqual(6);
  expect(farthest(hslToRgb(rgbToHsl(colors)))).toBeLessThanOrEqual(6);
  expect(farthest(labToRgb(rgbToLab(colors)))).toBeLessThanOrEqual(24);
});

it('keeps greys grey', () => {
  const gray = { width: 256, height: 1, channels: 1 as const, data: Uint8Array.from({ length: 256 }, (_, i) => i) };
  const rgb = grayToRgb(gray);
  expect(rgbToGray(rgb)).toEqual(gray);
  for (let i = 0; i < 256; i++) {
    expect([...rgbToLab(rgb).data.subarray(i * 3 + 1, i * 3 + 3)]).toEqual([128, 128]);
    expect([...rgbToHsv(rgb).data.subarray(i * 3, i * 3 + 3)]).toEqual([0, 0, i]);
  }
});

it('refuses images of other types and channels', () => {
  const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  const gray = { width: 4, height: 1, channels: 1 as const, data: new Uint8Array(4) };
  for (const [, channels, kernel] of pairs) {
    if (!channels.includes(1)) expect(() => kernel(gray)).toThrowError(invalid);
    expect(() => kernel({ ...gray, data: new Uint16Array(4) as never })).toThrowError(invalid);
  }
});
