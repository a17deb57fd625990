import type { ResizeFilter } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../../test/goldens/image/goldens.js';
import { toGray } from '../color.js';
import { planNormalization } from './normalization.js';
import { normalizeInto } from './normalize.js';
import { normalizeReference } from './reference/normalize.js';
import { resizeReference } from './reference/resize.js';
import { resize } from './resize.js';
import { resizeNormalizeInto } from './resize-normalize.js';
import { resizeNormalizeInto as writeChecked } from './resize-normalize-checked.js';

const side = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 300 }));
const specs = fc.record({
  color: fc.constantFrom<('gray' | 'rgb' | 'bgr')[]>('gray', 'rgb', 'bgr'),
  layout: fc.constantFrom<('NCHW' | 'NHWC')[]>('NCHW', 'NHWC'),
  // Small values are computed in single precision, large ones looked up.
  scale: fc.constantFrom(1 / 255, 1 / 127.5, 1),
});

function meanAndStd(color: string): { mean: number[]; std: number[] } {
  return color === 'gray'
    ? { mean: [0.45], std: [0.226] }
    : { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
}

const same = (found: Float32Array, expected: Float32Array): boolean =>
  found.length === expected.length && found.every((value, i) => Object.is(value, expected[i]));

describe('normalizeInto', () => {
  it('is its reference, bit by bit', () => {
    fc.assert(
      fc.property(
        side,
        side,
        fc.constantFrom<(1 | 3 | 4)[]>(1, 3, 4),
        specs,
        fc.nat(9),
        (width, height, channels, spec, offset) => {
          const options = { ...spec, ...meanAndStd(spec.color) };
          const normalization = planNormalization(options);
          const source = noise(width, height, channels);
          const count = width * height * normalization.channels.length;
          const found = new Float32Array(offset + count + 3).fill(-7);
          const expected = found.slice();
          const steps = spec.layout === 'NCHW' ? 1 : normalization.channels.length;
          const place = { offset, rowStep: width * steps, planeStep: width * height };
          normalizeReference(spec.color === 'gray' ? toGray(source) : source, normalization, expected, place);
          expect(normalizeInto(source, options, found, offset)).toBe(count);
          expect(same(found, expected)).toBe(true);
        },
      ),
    );
  });

  it.each([1 / 255, 1 / 127.5, 1, 1000])('is exact to 1e-6 with a scale of %d', (scale) => {
    const ramp = { width: 256, height: 1, channels: 1 as const, data: Uint8Array.from({ length: 256 }, (_, i) => i) };
    const out = new Float32Array(256);
    normalizeInto(ramp, { color: 'gray', scale, mean: [0.485], std: [0.229] }, out);
    out.forEach((value, i) => {
      const exact = (i * scale - 0.485) / 0.229;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.max(1e-6, Math.abs(exact) * 2 ** -24));
    });
  });

  it.each([
    [{ color: 'rgb' as const, mean: [0] }, 0, /3 values for mean/],
    [{ color: 'gray' as const, std: [0] }, 0, /other than 0 for std/],
    [{ color: 'rgb' as const }, 1, /room for 27 values from offset 1/],
    [{ color: 'rgb' as const, layout: 'CHW' as 'NCHW' }, 0, /layout/],
  ])('refuses %j at offset %d', (options, offset, message) => {
    expect(() => normalizeInto(noise(3, 3, 3), options, new Float32Array(27), offset)).toThrowError(message);
  });
});

describe('resizeNormalizeInto with checked options', () => {
  it('writes what resize and normalizeInto write', () => {
    const source = noise(31, 17, 3);
    const found = new Float32Array(3 * 20 * 12);
    const expected = found.slice();
    expect(writeChecked(source, { width: 20, height: 12, filter: 'lanczos', color: 'bgr' }, found)).toBe(720);
    normalizeInto(resize(source, { width: 20, height: 12, filter: 'lanczos' }), { color: 'bgr' }, expected);
    expect(same(found, expected)).toBe(true);
  });

  it.each([
    [{ width: 0, height: 2 }, /width/],
    [{ width: 2, height: 2, padValue: 300 }, /padValue/],
    [{ width: 2, height: 2, window: { left: 0, top: 0, width: 3, height: 3 } }, /room for 27 values/],
  ])('refuses %j', (options, message) => {
    const call = (): number => writeChecked(noise(3, 3, 3), { ...options, color: 'rgb' }, new Float32Array(12));
    expect(call).toThrowError(message);
  });
});

describe('resizeNormalizeInto', () => {
  it('writes what resizing, cutting, padding and normalising one after the other give, bit by bit', () => {
    const requests = fc.record({
      from: fc.record({ width: side, height: side }),
      channels: fc.constantFrom<(1 | 3 | 4)[]>(1, 3, 4),
      width: side,
      height: fc.integer({ min: 1, max: 60 }),
      filter: fc.constantFrom<ResizeFilter[]>('nearest', 'bilinear', 'lanczos', 'area'),
      antialias: fc.boolean(),
      window: fc.record({
        left: fc.integer({ min: -20, max: 20 }),
        top: fc.integer({ min: -20, max: 20 }),
        width: fc.integer({ min: 1, max: 50 }),
        height: fc.integer({ min: 1, max: 50 }),
      }),
      padValue: fc.constantFrom(undefined, 0, 114),
    });
    fc.assert(
      fc.property(requests, specs, fc.nat(5), (request, spec, offset) => {
        const { from, channels, width, height, filter, antialias, window, padValue } = request;
        const normalization = planNormalization({ ...spec, ...meanAndStd(spec.color) });
        const source = noise(from.width, from.height, channels);
        const count = window.width * window.height * normalization.channels.length;
        const found = new Float32Array(offset + count + 2).fill(-7);
        const expected = found.slice();
        const options = { width, height, filter, antialias, window, padValue, normalization };
        expect(resizeNormalizeInto(source, options, found, offset)).toBe(count);

        const colored = spec.color === 'gray' ? toGray(source) : source;
        const whole = resizeReference(colored, width, height, filter, antialias, { left: 0, top: 0, width, height });
        const planes = normalization.channels.length;
        const [columnStep, channelStep] = spec.layout === 'NCHW' ? [1, window.width * window.height] : [planes, 1];
        for (let y = 0; y < window.height; y++) {
          for (let x = 0; x < window.width; x++) {
            const fromX = x + window.left;
            const fromY = y + window.top;
            const outside = fromX < 0 || fromY < 0 || fromX >= width || fromY >= height;
            if (outside && padValue === undefined) continue;
            for (let c = 0; c < planes; c++) {
              const channel = whole.channels === 1 ? 0 : spec.color === 'bgr' ? 2 - c : c;
              const sample = outside ? padValue! : whole.data[(fromY * width + fromX) * whole.channels + channel]!;
              const at = offset + (y * window.width + x) * columnStep + c * channelStep;
              expected[at] = normalization.channels[c]!.table[sample]!;
            }
          }
        }
        expect(same(found, expected)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
