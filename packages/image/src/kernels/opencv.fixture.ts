import type { Image } from '@percept/core';
import { fromBase64, noise } from '../../../../test/goldens/image/goldens.js';
import goldens from '../../../../test/goldens/image/kernels-pixels.json';
import { colorMatrix } from './color-matrix.js';
import { rgbToGray } from './gray.js';
import { hslToRgb, hsvToRgb, rgbToHsl, rgbToHsv } from './hue.js';
import { labToRgb, rgbToLab } from './lab.js';
import { applyLut } from './lut.js';
import { flip, rotate90, transpose } from './orient.js';
import { crop, type PadMode, pad } from './pad.js';
import { scaleShift } from './scale-shift.js';

/** One kernel on one image, and what OpenCV makes of the same. */
export interface OpencvCase {
  readonly name: string;
  readonly received: () => Uint8Array;
  readonly expected: Uint8Array;
  /** Levels of 255 that the two may differ by. */
  readonly tolerance: number;
}

/** The 4096 colours of `color_cube` in `kernels-pixels.py`. */
function colorCube(firstStep: number): Image<Uint8Array> {
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => {
    const index = Math.floor(i / 3);
    return [(index % 16) * firstStep, (Math.floor(index / 16) % 16) * 17, Math.floor(index / 256) * 17][i % 3]!;
  });
  return { width: 64, height: 64, channels: 3, data };
}

function lutOf(...factors: readonly (readonly [number, number])[]): Uint8Array {
  return Uint8Array.from({ length: 256 * factors.length }, (_, i) => {
    const [factor, offset] = factors[i >> 8]!;
    return (i & 255) * factor + offset;
  });
}

const cube = colorCube(17);
const polar = colorCube(11);
const photo = noise(33, 25, 3);
const small = noise(9, 7, 3);
const value = [10, 20, 30];
const matrix = [0.393, 0.769, 0.189, 0, 0.349, 0.686, -0.168, 12.5, -0.272, 0.534, 1.131, -20];
const { conversions } = goldens;

function entry(name: string, expected: string, received: () => Image<Uint8Array>, tolerance = 0): OpencvCase {
  return { name, received: () => received().data, expected: fromBase64(expected), tolerance };
}

/** Every kernel that OpenCV has too, on the images of `kernels-pixels.json`. */
export const opencvCases: readonly OpencvCase[] = [
  ...goldens.moves.flatMap((move) => {
    const image = noise(33, 25, move.channels as 1 | 3 | 4);
    const name = `of ${move.channels} channels`;
    return [
      entry(`flip horizontal ${name}`, move['flip horizontal'], () => flip(image, 'horizontal')),
      entry(`flip vertical ${name}`, move['flip vertical'], () => flip(image, 'vertical')),
      entry(`transpose ${name}`, move.transpose, () => transpose(image)),
      entry(`rotate90 ${name}`, move['rotate90 1'], () => rotate90(image)),
      entry(`half turn ${name}`, move['rotate90 2'], () => rotate90(image, 2)),
      entry(`rotate90 back ${name}`, move['rotate90 3'], () => rotate90(image, -1)),
      entry(`crop ${name}`, move.crop, () => crop(image, { left: 7, top: 4, width: 23, height: 16 })),
    ];
  }),
  ...Object.entries(goldens.pads).map(([mode, expected]) =>
    entry(`pad ${mode}`, expected, () =>
      pad(small, { top: 3, bottom: 5, left: 4, right: 2 }, { mode: mode as PadMode, value }),
    ),
  ),
  ...Object.entries(goldens.widePads).map(([mode, expected]) =>
    entry(`pad ${mode}, wider than the image`, expected, () =>
      pad(small, { top: 16, right: 20 }, { mode: mode as PadMode, value }),
    ),
  ),
  entry('applyLut', goldens.lut, () => applyLut(photo, lutOf([7, 13]))),
  entry('applyLut per channel', goldens.channelLut, () => applyLut(photo, lutOf([3, 5], [5, 5], [11, 5]))),
  entry('scaleShift', goldens.scaleShift, () => scaleShift(photo, 1.3, 7.25)),
  entry('colorMatrix', goldens.colorMatrix, () => colorMatrix(photo, matrix), 1),
  entry('rgbToHsv', conversions.rgbToHsv, () => rgbToHsv(cube)),
  entry('hsvToRgb', conversions.hsvToRgb, () => hsvToRgb(polar), 1),
  entry('rgbToHsl', conversions.rgbToHsl, () => rgbToHsl(cube), 1),
  entry('hslToRgb', conversions.hslToRgb, () => hslToRgb(polar), 1),
  entry('rgbToLab', conversions.rgbToLab, () => rgbToLab(cube), 1),
  entry('labToRgb', conversions.labToRgb, () => labToRgb({ ...cube, data: fromBase64(conversions.rgbToLab) }), 1),
  entry('rgbToGray', conversions.rgbToGray, () => rgbToGray(cube), 1),
];
