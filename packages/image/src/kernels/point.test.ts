import fc from 'fast-check';
import { expect, it } from 'vitest';
import { colorMatrix } from './color-matrix.js';
import { images, samples } from './images.fixture.js';
import { applyLut } from './lut.js';
import * as matrixReference from './reference/color-matrix.js';
import * as lutReference from './reference/lut.js';
import * as scaleReference from './reference/scale-shift.js';
import { scaleShift } from './scale-shift.js';

type Bytes = Parameters<typeof applyLut>[0];
const bytes = images(['uint8'], [1, 3, 4], 60).map((image) => image as Bytes);
const rgb = images(['uint8'], [3], 60).map((image) => image as Bytes);
const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
const float = (most: number) => fc.float({ min: -most, max: most, noNaN: true });

it('looks samples up as the reference does, in one table or one per channel', () => {
  fc.assert(
    fc.property(bytes, fc.integer(), fc.boolean(), (image, seed, perChannel) => {
      const table = samples('uint8', perChannel ? 256 * image.channels : 256, seed, false) as Uint8Array;
      expect(applyLut(image, table)).toEqual(lutReference.applyLut(image, table));
    }),
  );
});

it('scales and shifts as the reference does', () => {
  const number = fc.oneof(float(4), float(8192), fc.constantFrom(0, 1, 0.5, -1));
  const offset = fc.oneof(float(300), float(1_048_576), fc.constantFrom(0, 0.5, 127.5));
  fc.assert(
    fc.property(
      images(['uint8', 'float32'], [1, 3, 4], 30),
      fc.array(number, { minLength: 4, maxLength: 4 }),
      fc.array(offset, { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      (image, scales, shifts, single) => {
        const typed = image as Bytes;
        const scale = single ? scales[0]! : scales.slice(0, image.channels);
        const shift = shifts.slice(0, image.channels);
        expect(scaleShift(typed, scale, shift)).toEqual(scaleReference.scaleShift(typed, scale, shift));
      },
    ),
  );
});

it('multiplies by a colour matrix as the reference does, within one level of exact arithmetic', () => {
  const weight = fc.oneof(float(2), float(63));
  const offset = fc.oneof(float(50), float(4095));
  fc.assert(
    fc.property(
      rgb,
      fc.array(weight, { minLength: 9, maxLength: 9 }),
      fc.array(offset, { minLength: 3, maxLength: 3 }),
      (image, weights, offsets) => {
        const matrix = [0, 1, 2].flatMap((row) => [...weights.slice(row * 3, row * 3 + 3), offsets[row]!]);
        const result = colorMatrix(image, matrix);
        expect(result).toEqual(matrixReference.colorMatrix(image, matrix));
        for (let i = 0; i < result.data.length; i++) {
          const row = (i % 3) * 4;
          let exact = matrix[row + 3]!;
          for (let c = 0; c < 3; c++) exact += matrix[row + c]! * image.data[i - (i % 3) + c]!;
          expect(Math.abs(result.data[i]! - Math.min(Math.max(Math.round(exact), 0), 255))).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});

it('leaves pixels alone under the identities', () => {
  const image = { width: 9, height: 5, channels: 3 as const, data: samples('uint8', 135, 7, false) as Uint8Array };
  expect(
    applyLut(
      image,
      Uint8Array.from({ length: 256 }, (_, i) => i),
    ),
  ).toEqual(image);
  expect(scaleShift(image, 1, 0)).toEqual(image);
  expect(colorMatrix(image, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])).toEqual(image);
});

it('works in place, and refuses memory that only partly overlaps', () => {
  const memory = samples('uint8', 60, 9, false) as Uint8Array;
  const image = { width: 5, height: 3, channels: 3 as const, data: memory.subarray(0, 45) };
  const expected = scaleReference.scaleShift(image, 2, 1).data;
  expect(() => scaleShift(image, 2, 1, { out: memory.subarray(3, 48) })).toThrowError(invalid);
  expect(scaleShift(image, 2, 1, { out: image.data }).data).toEqual(expected);
});

it('refuses tables, numbers and matrices that make no sense', () => {
  const image = { width: 5, height: 2, channels: 3 as const, data: new Uint8Array(30) };
  expect(() => applyLut(image, new Uint8Array(255))).toThrowError(invalid);
  expect(() => applyLut({ ...image, data: new Float32Array(30) as never }, new Uint8Array(256))).toThrowError(invalid);
  expect(() => scaleShift(image, [1, 2], 0)).toThrowError(invalid);
  expect(() => scaleShift(image, 9000, 0)).toThrowError(invalid);
  expect(() => scaleShift(image, Number.NaN, 0)).toThrowError(invalid);
  expect(() => colorMatrix(image, [1, 2, 3])).toThrowError(invalid);
  expect(() => colorMatrix(image, new Array(12).fill(100))).toThrowError(invalid);
  expect(() => colorMatrix({ ...image, width: 10, channels: 1, data: new Uint8Array(20) }, [])).toThrowError(invalid);
});
