import { float16ToFloat32, PerceptError, type PreprocessSpec } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import goldens from '../../../test/goldens/image/preprocess.json' with { type: 'json' };
import { decodeImage } from './decode.node.js';
import { encodeImage } from './encode.node.js';
import { preprocess } from './preprocess.node.js';
import { preprocessBatch, preprocessInto } from './preprocess-tensor.js';
import { plainPreset, torchvisionPreset } from './presets.js';
import { hashOf, sameTensors } from './same-tensor.fixture.js';

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

describe('layout and dtype', () => {
  const base = { color: 'bgr', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const image = noise(7, 5, 3);

  it('interleaves channels for NHWC, in the order of the spec', () => {
    const planar = preprocess(image, base);
    const interleaved = preprocess(image, { ...base, layout: 'NHWC' });
    expect(planar.dims).toEqual([1, 3, 5, 7]);
    expect(interleaved.dims).toEqual([1, 5, 7, 3]);
    for (let pixel = 0; pixel < 35; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        expect(interleaved.data[pixel * 3 + channel]).toBe(image.data[pixel * 3 + 2 - channel]);
        expect(planar.data[channel * 35 + pixel]).toBe(image.data[pixel * 3 + 2 - channel]);
      }
    }
  });

  it('makes uint8 and int8 by rounding half to even and saturating', () => {
    const values = { width: 6, height: 1, channels: 1 as const, data: Uint8Array.of(0, 1, 3, 127, 128, 255) };
    const gray = { color: 'gray', mean: [0], std: [1] } as const;
    expect([...preprocess(values, { ...gray, scale: 0.5, dtype: 'uint8' }).data]).toEqual([0, 0, 2, 64, 64, 128]);
    expect([...preprocess(values, { ...gray, scale: 2, dtype: 'uint8' }).data]).toEqual([0, 2, 6, 254, 255, 255]);
    const int8 = preprocess(values, { ...gray, scale: 1, mean: [128], dtype: 'int8' });
    expect(int8.type).toBe('int8');
    expect([...int8.data]).toEqual([-128, -127, -125, -1, 0, 127]);
  });

  it.each([
    ['NCHW', undefined],
    ['NHWC', { mode: 'letterbox', width: 20, height: 24, padValue: 114 }],
    ['NCHW', { mode: 'shorter-side', size: 11, filter: 'bicubic' }],
  ] as const)('makes float16 of the float32 values: %s %j', (layout, resize) => {
    const spec = { ...torchvisionPreset(16), layout, ...(resize && { resize }) };
    const half = preprocess(noise(33, 25, 3), { ...spec, dtype: 'float16' });
    const single = preprocess(noise(33, 25, 3), spec);
    expect(half).toMatchObject({ type: 'float16', dims: single.dims });
    const back = Float32Array.from(half.data, float16ToFloat32);
    expect(largestDifference(back, single.data)).toBeLessThan(2 ** -10);
  });

  it('pads a crop beyond a grey letterbox with black', () => {
    const spec: PreprocessSpec = {
      color: 'gray',
      resize: { mode: 'letterbox', width: 4, height: 4, padValue: 114 },
      crop: { width: 6, height: 4 },
      scale: 1,
      mean: [0],
      std: [1],
    };
    const white = { width: 4, height: 2, channels: 1 as const, data: new Uint8Array(8).fill(255) };
    const row = (value: number): number[] => [0, value, value, value, value, 0];
    const expected = [...row(114), ...row(255), ...row(255), ...row(114)];
    expect([...preprocess(white, spec).data]).toEqual(expected);
    expect([...preprocess(white, { ...spec, dtype: 'uint8' }).data]).toEqual(expected);
  });
});

describe('preprocess of encoded bytes', () => {
  it('decodes and preprocesses, grey as luma', async () => {
    const image = noise(40, 30, 3);
    const png = await encodeImage(image, { format: 'png' });
    const spec = torchvisionPreset(16);
    expect(await preprocess(png, spec)).toEqual(preprocess(image, spec));
    const gray = plainPreset({ width: 9, height: 8, color: 'gray' });
    expect(await preprocess(png, gray)).toEqual(preprocess(image, gray));
  });

  it('refuses what is no image, what is too large, and unknown options', async () => {
    const spec = torchvisionPreset(16);
    const png = await encodeImage(noise(40, 30, 3), { format: 'png' });
    await expect(preprocess(new Uint8Array(0), spec)).rejects.toMatchObject({ code: 'IMAGE_EMPTY' });
    await expect(preprocess(png, spec, { maxPixels: 100 })).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    const unknown = { quality: 3 } as object;
    await expect(preprocess(png, spec, unknown)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const aborted = { signal: AbortSignal.abort() };
    await expect(preprocess(png, spec, aborted)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

it('reuses memory between photos without mixing them up', async () => {
  const images = [noise(300, 200, 3), noise(120, 310, 3, 5), noise(300, 200, 3, 9)];
  const jpegs = await Promise.all(images.map((image) => encodeImage(image, { format: 'jpeg' })));
  const spec = torchvisionPreset(32);
  const alone = await Promise.all(jpegs.map(async (jpeg) => preprocess(await decodeImage(jpeg), spec)));
  const order = Array.from({ length: 24 }, (_, i) => (i * 7) % 3);
  const together = await Promise.all(order.map((index) => preprocess(jpegs[index]!, spec)));
  together.forEach((tensor, i) => {
    expect(tensor).toEqual(alone[order[i]!]);
  });
});

it('gives the same values of a crop whether or not the image had to be resized', () => {
  const image = noise(40, 30, 3);
  for (const layout of ['NCHW', 'NHWC'] as const) {
    for (const crop of [
      { width: 23, height: 17 },
      { width: 50, height: 17 },
      { width: 47, height: 36 },
    ]) {
      for (const channels of [1, 3, 4] as const) {
        const source = noise(40, 30, channels);
        const unscaled: PreprocessSpec = { ...torchvisionPreset(16), layout, crop };
        const { resize: _, ...without } = unscaled;
        const whole = { ...unscaled, resize: { mode: 'exact', width: 40, height: 30 } } as const;
        const table = preprocess(image, { color: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1], layout, crop });
        expect(table.data.every((value) => Number.isInteger(value))).toBe(true);
        expect(preprocess(source, without)).toEqual(preprocess(source, whole));
        const bytes = preprocess(source, { ...without, dtype: 'uint8', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] });
        const floats = preprocess(source, { ...without, scale: 1, mean: [0, 0, 0], std: [1, 1, 1] });
        expect([...floats.data]).toEqual([...bytes.data]);
      }
    }
  }
});

it.each(sameTensors)('makes the same bits everywhere: $name', ({ spec, hash }) => {
  expect(hashOf(preprocess(noise(97, 61, 3), spec).data)).toBe(hash);
});

describe('geometry', () => {
  const side = fc.integer({ min: 1, max: 9 });
  const size = fc.record({ width: side, height: side });
  const resize = fc.option(
    fc.oneof(
      fc.record({ mode: fc.constant('exact' as const), width: side, height: side }),
      fc.record({ mode: fc.constant('shorter-side' as const), size: side }),
      fc.record({ mode: fc.constant('letterbox' as const), width: side, height: side, padValue: fc.nat(255) }),
    ),
    { nil: undefined },
  );

  it('is the same for every dtype and layout, where a crop leaves nothing of the image too', () => {
    fc.assert(
      fc.property(size, resize, fc.option(size, { nil: undefined }), (image, resize, crop) => {
        const plain = { color: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
        const spec = { ...plain, ...(resize && { resize }), ...(crop && { crop }) };
        const photo = noise(image.width, image.height, 3);
        const floats = preprocess(photo, spec);
        const bytes = preprocess(photo, { ...spec, dtype: 'uint8' });
        expect(bytes.dims).toEqual(floats.dims);
        expect([...bytes.data]).toEqual([...floats.data]);
        const [, channels, height, width] = floats.dims as [number, number, number, number];
        const interleaved = preprocess(photo, { ...spec, dtype: 'uint8', layout: 'NHWC' });
        expect(interleaved.dims).toEqual([1, height, width, channels]);
        interleaved.data.forEach((value, i) => {
          expect(value).toBe(bytes.data[(i % 3) * width * height + Math.floor(i / 3)]);
        });
      }),
      { numRuns: 500 },
    );
  });

  it.each(['float32', 'float16', 'uint8'] as const)('resizes only what is seen of a thin image, to %s', (dtype) => {
    // Whole, it would be 256 rows of 16 million pixels.
    const spec = { ...torchvisionPreset(), dtype };
    expect(preprocess(noise(65_535, 1, 3), spec).dims).toEqual([1, 3, 224, 224]);
  });

  it('says when a tensor fits into no memory', () => {
    const { crop, ...whole } = torchvisionPreset();
    const tooLarge = { code: 'IMAGE_TOO_LARGE', message: expect.stringContaining('smaller size') };
    expect(crop).toBeDefined();
    expect(() => preprocess(noise(65_535, 1, 3), whole)).toThrow(expect.objectContaining(tooLarge));
  });
});

it.each([{ depth: 16 }, { color: 'gray' }, { targetSize: { width: 2, height: 2 } }])(
  'refuses %j, which the spec decides',
  async (options) => {
    const png = await encodeImage(source, { format: 'png' });
    const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining(Object.keys(options)[0]!) };
    await expect(preprocess(png, torchvisionPreset(32), options as object)).rejects.toMatchObject(refused);
  },
);
