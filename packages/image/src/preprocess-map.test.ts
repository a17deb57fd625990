import type { PreprocessSpec, PreprocessType } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import { preprocess } from './preprocess.node.js';
import { forwardMap, inverseMap } from './preprocess-map.js';
import { torchvisionPreset } from './presets.js';

const side = fc.integer({ min: 1, max: 90 });
const resizes = fc.option(
  fc.oneof(
    fc.record({ mode: fc.constant('exact' as const), width: side, height: side }),
    fc.record({ mode: fc.constant('shorter-side' as const), size: side }),
    fc.record({ mode: fc.constant('letterbox' as const), width: side, height: side, padValue: fc.nat(255) }),
  ),
);
const crops = fc.option(fc.record({ width: side, height: side }));

function specOf(
  resize: PreprocessSpec['resize'] | null,
  crop: PreprocessSpec['crop'] | null,
  filter: 'nearest' | 'bilinear',
): PreprocessSpec<'uint8'> {
  return {
    color: 'gray',
    ...(resize && { resize: { ...resize, filter } }),
    ...(crop && { crop }),
    scale: 1,
    mean: [0],
    std: [1],
    dtype: 'uint8',
  };
}

const sizes = fc.record({ width: side, height: side });
const specs = fc.tuple(resizes, crops, fc.constantFrom('nearest' as const, 'bilinear' as const));

describe('forwardMap and inverseMap', () => {
  it('undo each other for points and boxes', () => {
    const shares = fc.array(fc.double({ min: -0.5, max: 1.5, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(specs, sizes, shares, ([resize, crop, filter], size, at) => {
        const spec = specOf(resize, crop, filter);
        const points = at.map((share, i) => share * (i % 2 === 0 ? size.width : size.height));
        const forward = forwardMap(spec, size);
        const inverse = inverseMap(spec, size);
        expect(largestDifference(inverse.points(forward.points(points)), points)).toBeLessThan(2e-3);
        const there = forward.boxes(points, { clip: false });
        expect(largestDifference(inverse.boxes(there, { clip: false }), points)).toBeLessThan(2e-3);
      }),
    );
  });

  it('give the sizes of the tensor and of the image', () => {
    fc.assert(
      fc.property(specs, sizes, ([resize, crop, filter], size) => {
        const spec = specOf(resize, crop, filter);
        const [, , height, width] = preprocess(noise(size.width, size.height, 1), spec).dims;
        expect(forwardMap(spec, size).target).toEqual({ width, height });
        expect(inverseMap(spec, size).target).toEqual(size);
      }),
    );
  });

  it('move a mask as nearest resampling moves the pixels', () => {
    fc.assert(
      fc.property(resizes, crops, sizes, (resize, crop, size) => {
        // One fill for all that is outside, as a mask has.
        const black = resize?.mode === 'letterbox' ? { ...resize, padValue: 0 } : resize;
        const spec = specOf(black, crop, 'nearest');
        const image = noise(size.width, size.height, 1);
        expect(forwardMap(spec, size).mask(image).data).toEqual(preprocess(image, spec).data);
      }),
    );
  });

  it('put a box where the pixels of a rectangle go, within a pixel', () => {
    const spec = specOf({ mode: 'letterbox', width: 64, height: 64, padValue: 0 }, null, 'bilinear');
    const size = { width: 120, height: 80 };
    const [left, top, right, bottom] = [31, 22, 94, 61] as const;
    const data = new Uint8Array(120 * 80);
    for (let y = top; y < bottom; y++) data.fill(255, y * 120 + left, y * 120 + right);
    const pixels = preprocess({ ...size, channels: 1, data }, spec).data;
    const bright = [...pixels.keys()].filter((i) => pixels[i]! > 127);
    const columns = bright.map((i) => i % 64);
    const rows = bright.map((i) => Math.floor(i / 64));
    const seen = [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1, Math.max(...rows) + 1];
    const box = forwardMap(spec, size).boxes([left, top, right, bottom]);
    expect(largestDifference(box, seen)).toBeLessThanOrEqual(1);
    expect(largestDifference(inverseMap(spec, size).boxes(seen), [left, top, right, bottom])).toBeLessThanOrEqual(2);
  });

  it('bring a mask back over the original image, and nothing where it was cropped away', () => {
    const size = { width: 40, height: 20 };
    const spec = specOf({ mode: 'shorter-side', size: 10 }, { width: 10, height: 10 }, 'nearest');
    const mask = { width: 10, height: 10, channels: 1 as const, data: new Uint8Array(100).fill(7) };
    const back = inverseMap(spec, size).mask(mask, { fill: 99 });
    expect(back).toMatchObject({ width: 40, height: 20, channels: 1 });
    for (let y = 0; y < 20; y++) {
      for (let x = 0; x < 40; x++) expect(back.data[y * 40 + x]).toBe(x >= 10 && x < 30 ? 7 : 99);
    }
  });

  it('take a coarse mask to cover the tensor, and blend probabilities', () => {
    const spec = specOf({ mode: 'exact', width: 32, height: 32 }, null, 'bilinear');
    const coarse = { width: 2, height: 1, channels: 1 as const, data: Float32Array.of(0, 1) };
    const map = inverseMap(spec, { width: 8, height: 2 });
    expect([...map.mask(coarse).data]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1]);
    const ramp = [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1];
    expect([...map.mask(coarse, { filter: 'bilinear' }).data]).toEqual([...ramp, ...ramp]);
  });

  it('clips boxes to the target unless told not to', () => {
    const map = inverseMap(torchvisionPreset(), { width: 256, height: 256 });
    expect([...map.boxes([-20, 0, 300, 224])]).toEqual([0, 16, 256, 240]);
    expect([...map.boxes([-20, 0, 300, 224], { clip: false })]).toEqual([-4, 16, 316, 240]);
  });

  it.each([
    ['an empty image', () => forwardMap(torchvisionPreset(), { width: 0, height: 4 })],
    ['half a box', () => inverseMap(torchvisionPreset(), { width: 4, height: 4 }).boxes([1, 2, 3])],
    ['an odd point', () => inverseMap(torchvisionPreset(), { width: 4, height: 4 }).points([1])],
    ['a mask of 3 channels', () => inverseMap(torchvisionPreset(), { width: 4, height: 4 }).mask(noise(4, 4, 3))],
    [
      'blended labels',
      () => inverseMap(torchvisionPreset(), { width: 4, height: 4 }).mask(noise(4, 4, 1), { filter: 'bilinear' }),
    ],
    ['another spec', () => forwardMap({} as PreprocessSpec<PreprocessType>, { width: 4, height: 4 })],
  ])('refuses %s', (_, run) => {
    expect(run).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
