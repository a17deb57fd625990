import { keyedRandom } from '@percept/core';
import { describe, expect, it } from 'vitest';
import colorGoldens from '../../../test/goldens/augment/color.json' with { type: 'json' };
import warpGoldens from '../../../test/goldens/augment/warp.json' with { type: 'json' };
import { fromBase64, largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import { brightness, contrast, saturation } from './color.js';
import { rotate } from './rotate.js';
import { zoom } from './zoom.js';

const random = keyedRandom(1);
const enhance = { brightness, contrast, saturation };

describe('colour transforms', () => {
  it.each(colorGoldens.cases)('$transform by $factor of $channels channels is what Pillow makes', (golden) => {
    const { width, height, seed } = colorGoldens;
    const transform = enhance[golden.transform as keyof typeof enhance]({ by: [golden.factor, golden.factor] });
    const image = transform.apply(noise(width, height, golden.channels as 1 | 3, seed), random);
    expect(image.data).toEqual(fromBase64(golden.pixels));
  });
});

describe('rotate and zoom', () => {
  const { width, height, seed } = warpGoldens;
  const smooth = { width, height, channels: 3 as const, data: new Uint8Array(width * height * 3) };
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    smooth.data.set([x * 8, y * 11, (x + y) * 4], i * 3);
  }

  it.each(warpGoldens.cases)('$scene by $degrees° and $scale, fill $fill, is the reference', (golden) => {
    const { degrees, scale, fill } = golden;
    const source = golden.scene === 'noise' ? noise(width, height, 3, seed) : smooth;
    const transform =
      scale === 1 ? rotate({ degrees: [degrees, degrees], fill }) : zoom({ scale: [scale, scale], fill });
    const image = transform.apply(source, random);
    expect(largestDifference(image.data, fromBase64(golden.exact))).toBeLessThanOrEqual(1);
    // OpenCV rounds coordinates to 1/32 pixel, worth up to 1/32 of the steepest edge: black border against 255.
    if (golden.opencv) expect(largestDifference(image.data, fromBase64(golden.opencv))).toBeLessThanOrEqual(9);
  });
});
