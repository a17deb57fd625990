import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../test/goldens/image/goldens.js';
import { cropImage, flipImage, rotate90Image } from './geometry.js';

const images = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.constantFrom<(1 | 3 | 4)[]>(1, 3, 4))
  .map(([width, height, channels]) => noise(width, height, channels));
const letters = { width: 3, height: 2, channels: 1 as const, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };

describe('flipImage', () => {
  it('mirrors', () => {
    expect([...flipImage(letters, 'horizontal').data]).toEqual([3, 2, 1, 6, 5, 4]);
    expect([...flipImage(letters, 'vertical').data]).toEqual([4, 5, 6, 1, 2, 3]);
  });

  it('undoes itself', () => {
    fc.assert(
      fc.property(images, fc.constantFrom('horizontal' as const, 'vertical' as const), (image, direction) => {
        expect(flipImage(flipImage(image, direction), direction)).toEqual(image);
      }),
    );
  });

  it('refuses another direction', () => {
    expect(() => flipImage(letters, 'diagonal' as 'vertical')).toThrowError(
      /one of horizontal, vertical for direction/,
    );
  });
});

describe('rotate90Image', () => {
  it('turns clockwise', () => {
    expect(rotate90Image(letters)).toEqual({ width: 2, height: 3, channels: 1, data: Uint8Array.of(4, 1, 5, 2, 6, 3) });
    expect([...rotate90Image(letters, -1).data]).toEqual([3, 6, 2, 5, 1, 4]);
  });

  it('adds up like turns, and two turns are two flips', () => {
    fc.assert(
      fc.property(images, fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), (image, first, second) => {
        expect(rotate90Image(rotate90Image(image, first), second)).toEqual(rotate90Image(image, first + second));
        expect(rotate90Image(image, 2)).toEqual(flipImage(flipImage(image, 'horizontal'), 'vertical'));
      }),
    );
  });
});

describe('cropImage', () => {
  it('copies a rectangle', () => {
    expect([...cropImage(letters, { left: 1, top: 0, width: 2, height: 2 }).data]).toEqual([2, 3, 5, 6]);
  });

  it('gives the pixel at its place', () => {
    fc.assert(
      fc.property(images, fc.gen(), (image, g) => {
        const left = g(fc.integer, { min: 0, max: image.width - 1 });
        const top = g(fc.integer, { min: 0, max: image.height - 1 });
        const one = cropImage(image, { left, top, width: 1, height: 1 });
        const at = (top * image.width + left) * image.channels;
        expect(one.data).toEqual(image.data.slice(at, at + image.channels));
      }),
    );
  });

  it.each([
    { left: -1, top: 0, width: 1, height: 1 },
    { left: 2, top: 0, width: 2, height: 1 },
    { left: 0, top: 0, width: 0, height: 1 },
    { left: 0.5, top: 0, width: 1, height: 1 },
  ])('refuses %j', (rectangle) => {
    expect(() => cropImage(letters, rectangle)).toThrowError(/Expected/);
  });
});
