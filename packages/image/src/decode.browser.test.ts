import { expect, it } from 'vitest';
import decodeGoldens from '../../../test/goldens/image/decode.json';
import { fromBase64, largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import preprocessGoldens from '../../../test/goldens/image/preprocess.json';
import { decodeImage, encodeImage, preprocess, probeImage } from './index.js';
import { hashOf, sameTensors } from './same-tensor.fixture.js';

const inBrowsers = decodeGoldens.cases.filter(({ name }) => !name.startsWith('tiff'));

/** Only lossy formats and converted profiles may differ from Node. */
function tolerance(name: string): number {
  return /jpeg|profile/.test(name) ? 1 : /webp-lossy|avif/.test(name) ? 8 : 0;
}

it.each(inBrowsers)(
  'reads the pixels of $name in a browser',
  async ({ name, file, pixels, width, height, channels }) => {
    const image = await decodeImage(fromBase64(file), { color: 'source' });
    expect(image).toMatchObject({ width, height, channels });
    const expected = fromBase64(pixels);
    expect(largestDifference(image.data, expected)).toBeLessThanOrEqual(tolerance(name));
  },
);

it.each(['png', 'jpeg', 'webp'] as const)('encodes %s in a browser', async (format) => {
  for (const channels of [1, 3, 4] as const) {
    const source = noise(20, 10, channels);
    const bytes = await encodeImage(source, { format });
    expect(probeImage(bytes)).toMatchObject({ format, width: 20, height: 10 });
    const back = await decodeImage(bytes, { color: 'source' });
    if (format === 'png') expect(back).toEqual(source);
  }
});

it.each(preprocessGoldens.cases)('makes the reference tensor in a browser: $name', ({ spec, dims, data }) => {
  const tensor = preprocess(noise(33, 25, 3), spec as Parameters<typeof preprocess>[1]);
  expect(tensor.dims).toEqual(dims);
  expect(largestDifference(tensor.data, new Float32Array(fromBase64(data).buffer))).toBeLessThanOrEqual(1e-6);
});

it.each(sameTensors)('makes the same bits in a browser: $name', ({ spec, hash }) => {
  expect(hashOf(preprocess(noise(97, 61, 3), spec).data)).toBe(hash);
});

it('refuses what is not an image, cut off, too large or a TIFF', async () => {
  const fileOf = (name: string): Uint8Array => fromBase64(decodeGoldens.cases.find((one) => one.name === name)!.file);
  await expect(decodeImage(new Uint8Array(0))).rejects.toMatchObject({ code: 'IMAGE_EMPTY' });
  await expect(decodeImage(new TextEncoder().encode('not an image'))).rejects.toMatchObject({
    code: 'IMAGE_UNKNOWN_FORMAT',
  });
  await expect(decodeImage(fileOf('tiff-rgb'))).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
  const png = fileOf('png-rgb-8');
  await expect(decodeImage(png.subarray(0, 300))).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
  const jpeg = fileOf('jpeg-420');
  await expect(decodeImage(jpeg.subarray(0, jpeg.length - 60))).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
  new DataView(png.buffer).setUint32(16, 40_000);
  new DataView(png.buffer).setUint32(20, 40_000);
  await expect(decodeImage(png)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
});

it.each(['jpeg', 'webp'] as const)('refuses a large %s that ends early', async (format) => {
  const whole = await encodeImage(noise(300, 300, 3), { format });
  for (const missing of [1, 2, 60, 500, whole.length >> 1]) {
    const cut = whole.subarray(0, whole.length - missing);
    await expect(decodeImage(cut), `${missing} bytes missing`).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
  }
});
