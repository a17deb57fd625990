import fc from 'fast-check';
import { expect, it } from 'vitest';
import { images, samples } from './images.fixture.js';
import { flip, orientImage, rotate90, transpose } from './orient.js';
import * as reference from './reference/orient.js';

const anyImage = images(['uint8', 'uint16', 'float32'], [1, 3, 4], 70);

it('flips as the reference does', () => {
  fc.assert(
    fc.property(anyImage, fc.constantFrom('horizontal', 'vertical'), (image, direction) => {
      expect(flip(image, direction)).toEqual(reference.flip(image, direction));
    }),
  );
});

it('transposes as the reference does', () => {
  fc.assert(
    fc.property(anyImage, (image) => {
      expect(transpose(image)).toEqual(reference.transpose(image));
    }),
  );
});

it('turns as the reference does', () => {
  fc.assert(
    fc.property(anyImage, fc.integer({ min: -5, max: 5 }), (image, turns) => {
      expect(rotate90(image, turns)).toEqual(reference.rotate90(image, turns));
    }),
  );
});

it('undoes every EXIF orientation', () => {
  const image = { width: 5, height: 3, channels: 3 as const, data: samples('uint8', 45, 2, false) };
  expect(orientImage(image, 1)).toBe(image);
  const upright = [2, 3, 4, 5, 6, 7, 8].map((orientation) => orientImage(image, orientation));
  expect(upright).toEqual([
    reference.flip(image, 'horizontal'),
    reference.rotate90(image, 2),
    reference.flip(image, 'vertical'),
    reference.transpose(image),
    reference.rotate90(image, 1),
    reference.rotate90(reference.transpose(image), 2),
    reference.rotate90(image, 3),
  ]);
});

it('moves rows longer than a strip', () => {
  const image = { width: 7001, height: 3, channels: 3 as const, data: samples('uint8', 63_009, 1, false) };
  expect(flip(image, 'horizontal')).toEqual(reference.flip(image, 'horizontal'));
  expect(rotate90(image, 2)).toEqual(reference.rotate90(image, 2));
});

it('writes into an array of the caller, and in place where rows stay', () => {
  const data = samples('uint8', 30, 4, false) as Uint8Array;
  const image = { width: 5, height: 2, channels: 3 as const, data };
  const expected = reference.flip(image, 'horizontal').data;
  const out = new Uint8Array(30);
  expect(flip(image, 'horizontal', { out }).data).toBe(out);
  expect(out).toEqual(expected);
  expect(flip(image, 'horizontal', { out: data }).data).toEqual(expected);
});

it('refuses images and options that make no sense', () => {
  const image = { width: 5, height: 2, channels: 1 as const, data: new Uint8Array(10) };
  const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  expect(() => flip({ ...image, width: 4 }, 'horizontal')).toThrowError(invalid);
  expect(() => flip(image, 'diagonal' as 'vertical')).toThrowError(invalid);
  expect(() => flip(image, 'vertical', { out: image.data })).toThrowError(invalid);
  expect(() => flip(image, 'vertical', { out: new Uint8Array(9) })).toThrowError(invalid);
  expect(() => rotate90(image, 0.5)).toThrowError(invalid);
  expect(() => transpose({ ...image, data: new Float64Array(10) as never })).toThrowError(invalid);
});
