import { describe, expect, it } from 'vitest';
import decodeGoldens from '../../../test/goldens/image/decode.json';
import formatGoldens from '../../../test/goldens/image/formats.json';
import { fromBase64, largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import { jsquashJpeg } from './backends/jsquash.js';
import { decodeImage, encodeImage, preprocess, torchvisionPreset } from './index.js';
import { createImagePool } from './worker.js';

const files = [...decodeGoldens.cases, ...formatGoldens.cases];
const fileOf = (name: string): Uint8Array => fromBase64(files.find((one) => one.name === name)!.file);

describe('createImagePool in a browser', () => {
  it.each(['jpeg-orientation-6', 'png-rgba-8', 'webp-alpha', 'avif', 'gif', 'png-icc-p3'])(
    'decodes %s in a worker as the page does',
    async (name) => {
      using pool = createImagePool({ size: 1 });
      const file = fileOf(name);
      expect(await pool.decode(file, { color: 'source' })).toEqual(await decodeImage(file, { color: 'source' }));
    },
  );

  it('preprocesses, hands errors on and gives up when aborted', async () => {
    using pool = createImagePool({ size: 2 });
    const png = await encodeImage(noise(300, 200, 3), { format: 'png' });
    const spec = torchvisionPreset();
    expect(await pool.preprocess(png, spec)).toEqual(await preprocess(png, spec));
    await expect(pool.decode(png.subarray(0, 999))).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
    await expect(pool.decode(png, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(pool.decode(fileOf('tiff-rgb'))).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
  });

  it('keeps the page free while eight photos are decoded', async () => {
    using pool = createImagePool({ size: 1 });
    const photo = await encodeImage(noise(1500, 1000, 3), { format: 'png' });
    await pool.decode(photo);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await Promise.all(Array.from({ length: 8 }, () => pool.decode(photo)));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(8);
  });

  it('says that a worker cannot start', async () => {
    using pool = createImagePool({
      size: 1,
      start: () => new Worker('data:text/javascript,throw 1', { type: 'module' }),
    });
    await expect(pool.decode(fileOf('gif'))).rejects.toMatchObject({ code: 'IMAGE_WORKER_FAILED' });
  });
});

describe('jsquashJpeg', () => {
  const wasm = new URL('../../../node_modules/@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm', import.meta.url);
  const jpegDecoder = jsquashJpeg({ wasm });

  it.each(['jpeg-444', 'jpeg-420', 'jpeg-progressive', 'jpeg-gray', 'jpeg-orientation-5', 'jpeg-orientation-8'])(
    'decodes %s within 3 levels of Pillow',
    async (name) => {
      const { file, pixels, width, height, channels } = decodeGoldens.cases.find((one) => one.name === name)!;
      const image = await decodeImage(fromBase64(file), { color: 'source', jpegDecoder });
      expect(image).toMatchObject({ width, height, channels });
      expect(largestDifference(image.data, fromBase64(pixels))).toBeLessThanOrEqual(3);
    },
  );

  it('refuses what ends early, and decodes the next', async () => {
    const jpeg = await encodeImage(noise(300, 300, 3), { format: 'jpeg' });
    for (const missing of [1, 60, 5000]) {
      const cut = decodeImage(jpeg.subarray(0, jpeg.length - missing), { jpegDecoder });
      await expect(cut, `${missing} bytes missing`).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
    }
    const both = await Promise.all([
      decodeImage(jpeg, { jpegDecoder }),
      decodeImage(jpeg.subarray(0, -500), { jpegDecoder }).catch((error) => error.code),
    ]);
    expect(both[0]).toMatchObject({ width: 300, height: 300 });
    expect(both[1]).toBe('IMAGE_DECODE_FAILED');
  });

  it('leaves CMYK and files with a profile to the browser', async () => {
    const refusing = { decode: () => Promise.reject(new Error('not asked')) };
    for (const name of ['jpeg-cmyk-adobe', 'jpeg-icc-p3']) {
      expect(await decodeImage(fileOf(name), { jpegDecoder: refusing })).toMatchObject({ width: 24 });
    }
    await expect(decodeImage(fileOf('jpeg-444'), { jpegDecoder: refusing })).rejects.toMatchObject({
      code: 'IMAGE_DECODE_FAILED',
    });
  });
});

describe('formats in a browser', () => {
  const cases = formatGoldens.cases.filter(({ name }) => !/^(tiff|heic)/.test(name));
  const tolerance = (name: string): number => (/cmyk|icc/.test(name) ? 4 : /avif|lossy/.test(name) ? 16 : 0);

  it.each(cases)('reads the pixels of $name', async ({ name, file, pixels, width, height, channels, depth }) => {
    const image = await decodeImage(fromBase64(file), { color: 'source', depth: 'source' });
    expect(image).toMatchObject({ width, height, channels });
    const bytes = fromBase64(pixels);
    const expected = depth === 16 ? new Uint16Array(bytes.buffer) : bytes;
    if (/alpha/.test(name) && !name.startsWith('webp-alpha')) {
      expect(largestDifference(visible(image.data), visible(expected))).toBeLessThanOrEqual(tolerance(name));
    } else expect(largestDifference(image.data, expected)).toBeLessThanOrEqual(tolerance(name));
  });

  it('refuses HEIC with what to do', async () => {
    await expect(decodeImage(fileOf('heic'))).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED', message: /convert/ });
  });
});

/** Values times alpha: what can be seen. A canvas rounds the colours of nearly transparent pixels. */
function visible(pixels: Uint8Array | Uint16Array): Float64Array {
  return Float64Array.from(pixels, (value, i) => (i % 4 === 3 ? value : (value * pixels[i - (i % 4) + 3]!) / 255));
}
