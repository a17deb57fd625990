import { PerceptError, type PreprocessSpec } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { fromBase64, largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import goldens from '../../../test/goldens/image/preprocess.json' with { type: 'json' };
import { preprocess, preprocessBatch, preprocessInto } from './preprocess.js';
import { plainPreset } from './presets.js';

const source = noise(33, 25, 3);

describe('preprocess', () => {
  it.each(goldens.cases)('makes the tensor of the reference pipeline: $name', ({ spec, dims, data }) => {
    const tensor = preprocess(source, spec as PreprocessSpec);
    expect(tensor).toMatchObject({ type: 'float32', dims });
    expect(largestDifference(tensor.data, new Float32Array(fromBase64(data).buffer))).toBeLessThanOrEqual(1e-6);
  });

  it('takes grey and RGBA images for a colour model', () => {
    const spec = plainPreset({ width: 8, height: 8, color: 'rgb' });
    expect(preprocess(noise(8, 8, 1), spec).dims).toEqual([1, 3, 8, 8]);
    expect(preprocess(noise(8, 8, 4), spec).dims).toEqual([1, 3, 8, 8]);
  });
});

describe('preprocessBatch', () => {
  it('stacks what preprocess makes of each image', () => {
    const spec = plainPreset({ width: 9, height: 7, color: 'gray' });
    const images = [noise(9, 7, 1), noise(20, 31, 3), noise(5, 5, 4)];
    const batch = preprocessBatch(images, spec);
    expect(batch.dims).toEqual([3, 1, 7, 9]);
    images.forEach((image, i) => {
      expect(batch.data.subarray(i * 63, (i + 1) * 63)).toEqual(preprocess(image, spec).data);
    });
  });

  it('refuses no images, and images that the spec leaves at different sizes', () => {
    const spec: PreprocessSpec = { color: 'gray', scale: 1, mean: [0], std: [1] };
    expect(() => preprocessBatch([], spec)).toThrowError(/at least one image/);
    expect(() => preprocessBatch([noise(4, 4, 1), noise(5, 4, 1)], spec)).toThrowError(/received 5 × 4 at index 1/);
  });
});

describe('preprocessInto', () => {
  const spec = plainPreset({ width: 4, height: 4, color: 'gray' });

  it('writes in place and says how much', () => {
    const out = new Float32Array(40).fill(-1);
    expect(preprocessInto(noise(4, 4, 1), spec, out, 20)).toBe(16);
    expect(out.subarray(20, 36)).toEqual(preprocess(noise(4, 4, 1), spec).data);
    expect([out[19], out[36]]).toEqual([-1, -1]);
  });

  it.each([-1, 25, 0.5])('refuses an offset of %d into 40 values', (offset) => {
    expect(() => preprocessInto(noise(4, 4, 1), spec, new Float32Array(40), offset)).toThrowError(PerceptError);
  });
});
