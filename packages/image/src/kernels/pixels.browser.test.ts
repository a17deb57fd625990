// The kernels that move, look up, convert and count pixels, in a browser's engine: as OpenCV, and bit by bit as their
// references.
import type { Image } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { largestDifference, noise } from '../../../../test/goldens/image/goldens.js';
import { colorMatrix } from './color-matrix.js';
import { grayToRgb, rgbaToRgb, rgbToGray } from './gray.js';
import { hslToRgb, hsvToRgb, rgbToHsl, rgbToHsv } from './hue.js';
import { samples } from './images.fixture.js';
import { integralImage, integralOfSquares } from './integral.js';
import { labToRgb, rgbToLab } from './lab.js';
import { applyLut } from './lut.js';
import { opencvCases } from './opencv.fixture.js';
import { flip, rotate90, transpose } from './orient.js';
import { crop, pad } from './pad.js';
import * as matrixReference from './reference/color-matrix.js';
import * as grayReference from './reference/gray.js';
import * as hueReference from './reference/hue.js';
import * as integralReference from './reference/integral.js';
import * as labReference from './reference/lab.js';
import * as lutReference from './reference/lut.js';
import * as orientReference from './reference/orient.js';
import * as padReference from './reference/pad.js';
import * as scaleReference from './reference/scale-shift.js';
import * as statisticsReference from './reference/statistics.js';
import { scaleShift } from './scale-shift.js';
import { channelStatistics, histogram } from './statistics.js';

it.each(opencvCases)('makes what OpenCV makes: $name', ({ received, expected, tolerance }) => {
  expect(largestDifference(received(), expected)).toBeLessThanOrEqual(tolerance);
});

const rgb = noise(67, 41, 3);
const matrix = [1.5, -0.3, 0.2, 7, 0.1, 3.9, -2, -30, -0.7, 0.2, 1.1, 0.5];

it.each([
  ['colorMatrix', colorMatrix(rgb, matrix), matrixReference.colorMatrix(rgb, matrix)],
  ['rgbToHsv', rgbToHsv(rgb), hueReference.rgbToHsv(rgb)],
  ['hsvToRgb', hsvToRgb(rgb), hueReference.hsvToRgb(rgb)],
  ['rgbToHsl', rgbToHsl(rgb), hueReference.rgbToHsl(rgb)],
  ['hslToRgb', hslToRgb(rgb), hueReference.hslToRgb(rgb)],
  ['rgbToLab', rgbToLab(rgb), labReference.rgbToLab(rgb)],
  ['labToRgb', labToRgb(rgb), labReference.labToRgb(rgb)],
  ['rgbToGray', rgbToGray(rgb), grayReference.rgbToGray(rgb)],
  ['grayToRgb', grayToRgb(noise(67, 41, 1)), grayReference.grayToRgb(noise(67, 41, 1))],
  ['rgbaToRgb', rgbaToRgb(noise(67, 41, 4)), grayReference.rgbaToRgb(noise(67, 41, 4))],
])('%s equals its reference', (_, received, expected) => {
  expect(received).toEqual(expected);
});

describe.each([1, 3, 4] as const)('with %d channels', (channels) => {
  const bytes = noise(67, 41, channels);
  const floats: Image<Float32Array> = {
    ...bytes,
    data: samples('float32', bytes.data.length, 3, false) as Float32Array,
  };

  it('moves pixels as the references do', () => {
    for (const image of [bytes, floats] as Image[]) {
      expect(flip(image, 'horizontal')).toEqual(orientReference.flip(image, 'horizontal'));
      expect(flip(image, 'vertical')).toEqual(orientReference.flip(image, 'vertical'));
      expect(transpose(image)).toEqual(orientReference.transpose(image));
      for (const turns of [1, 2, 3]) expect(rotate90(image, turns)).toEqual(orientReference.rotate90(image, turns));
      const rectangle = { left: 5, top: 3, width: 31, height: 17 };
      expect(crop(image, rectangle)).toEqual(padReference.crop(image, rectangle));
      for (const mode of ['constant', 'replicate', 'reflect', 'reflect101', 'wrap'] as const) {
        const sizes = { left: 3, top: 2, right: 8, bottom: 1 };
        expect(pad(image, sizes, { mode })).toEqual(padReference.pad(image, sizes, { mode }));
      }
    }
  });

  it('maps and counts samples as the references do', () => {
    const table = samples('uint8', 256 * channels, 8, false) as Uint8Array;
    expect(applyLut(bytes, table)).toEqual(lutReference.applyLut(bytes, table));
    expect(scaleShift(bytes, 1.37, -9.5)).toEqual(scaleReference.scaleShift(bytes, 1.37, -9.5));
    expect(scaleShift(floats, 1.37, -9.5)).toEqual(scaleReference.scaleShift(floats, 1.37, -9.5));
    expect(histogram(bytes)).toEqual(statisticsReference.histogram(bytes));
    expect(channelStatistics(bytes)).toEqual(statisticsReference.channelStatistics(bytes));
    expect(channelStatistics(floats)).toEqual(statisticsReference.channelStatistics(floats));
    expect(integralImage(bytes)).toEqual(integralReference.integralImage(bytes));
    expect(integralOfSquares(bytes)).toEqual(integralReference.integralOfSquares(bytes));
  });
});
