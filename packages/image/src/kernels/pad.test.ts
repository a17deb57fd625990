import fc from 'fast-check';
import { expect, it } from 'vitest';
import { images } from './images.fixture.js';
import { crop, pad } from './pad.js';
import * as reference from './reference/pad.js';

const anyImage = images(['uint8', 'uint16', 'float32'], [1, 3, 4], 30);
const border = fc.integer({ min: 0, max: 9 });
const modes = fc.constantFrom('constant', 'replicate', 'reflect', 'reflect101', 'wrap');

it('pads as the reference does, also wider than the image', () => {
  fc.assert(
    fc.property(anyImage, border, border, border, border, modes, (image, left, top, right, bottom, mode) => {
      const sizes = { left, top, right, bottom };
      expect(pad(image, sizes, { mode })).toEqual(reference.pad(image, sizes, { mode }));
    }),
    { numRuns: 200 },
  );
});

it('fills a constant border with one value per channel', () => {
  fc.assert(
    fc.property(images(['uint8', 'float32'], [3], 12), (image) => {
      const options = { value: [1, 0, 1] };
      expect(pad(image, { left: 2, bottom: 1 }, options)).toEqual(
        reference.pad(image, { left: 2, bottom: 1 }, options),
      );
    }),
  );
});

it('crops as the reference does', () => {
  fc.assert(
    fc.property(anyImage, fc.nat(), fc.nat(), fc.nat(), fc.nat(), (image, a, b, c, d) => {
      const left = a % image.width;
      const top = b % image.height;
      const rectangle = { left, top, width: 1 + (c % (image.width - left)), height: 1 + (d % (image.height - top)) };
      expect(crop(image, rectangle)).toEqual(reference.crop(image, rectangle));
    }),
  );
});

it('refuses borders, values and rectangles that make no sense', () => {
  const image = { width: 5, height: 2, channels: 3 as const, data: new Uint8Array(30) };
  const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  expect(() => pad(image, { left: -1 })).toThrowError(invalid);
  expect(() => pad(image, { left: 1 }, { value: [1, 2] })).toThrowError(invalid);
  expect(() => pad(image, { left: 1 }, { mode: 'mirror' as 'wrap' })).toThrowError(invalid);
  expect(() => crop(image, { left: 3, top: 0, width: 3, height: 1 })).toThrowError(invalid);
  expect(() => crop(image, { left: 0, top: 0, width: 0, height: 1 })).toThrowError(invalid);
});
