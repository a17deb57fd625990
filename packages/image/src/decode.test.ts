import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import goldens from '../../../test/goldens/image/decode.json' with { type: 'json' };
import { fromBase64, largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import { decodeImage } from './decode.node.js';
import { encodeImage } from './encode.node.js';
import { probeImage } from './probe.js';

/** libjpeg-turbo's fast DCT, chroma upsampling and each WebP and AVIF converter round in their own way. */
function tolerance(name: string): number {
  if (name === 'png-profile') return 1;
  return /jpeg|webp-lossy|avif/.test(name) ? 8 : 0;
}

describe('decodeImage in Node', () => {
  it.each(goldens.cases)('reads the pixels of $name', async ({ name, file, pixels, width, height, channels }) => {
    const image = await decodeImage(fromBase64(file), { color: 'source' });
    expect(image).toMatchObject({ width, height, channels });
    expect(probeImage(fromBase64(file))).toMatchObject({ width, height });
    expect(largestDifference(image.data, fromBase64(pixels))).toBeLessThanOrEqual(tolerance(name));
  });

  it.each(goldens.cases.filter(({ name }) => name.startsWith('png') && name !== 'png-profile'))(
    'agrees with sharp on $name',
    async (golden) => {
      const { data, info } = await sharp(fromBase64(golden.file))
        .autoOrient()
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const image = await decodeImage(fromBase64(golden.file), { color: 'source' });
      const rgba = await sharp(image.data, { raw: image }).toColourspace('srgb').ensureAlpha().raw().toBuffer();
      expect([info.width, info.height]).toEqual([image.width, image.height]);
      expect(rgba.equals(data)).toBe(true);
    },
  );

  it.each(goldens.cases.filter(({ name }) => name.startsWith('jpeg')))(
    'reads $name bit for bit as Pillow with the accurate DCT',
    async ({ file, pixels }) => {
      const image = await decodeImage(fromBase64(file), { color: 'source', dctMethod: 'accurate' });
      expect(image.data).toEqual(fromBase64(pixels));
    },
  );

  it('gives the same pixels by sharp as by the decoder for small PNGs', async () => {
    const large = noise(300, 300, 4);
    const png = await encodeImage(large, { format: 'png' });
    expect((await decodeImage(png, { color: 'source' })).data).toEqual(large.data);
    const gray = noise(300, 300, 1);
    expect(await decodeImage(await encodeImage(gray, { format: 'png' }), { color: 'source' })).toEqual(gray);
  });

  it('lays transparency over the background, white unless told otherwise', async () => {
    const image = {
      width: 3,
      height: 1,
      channels: 4 as const,
      data: Uint8Array.of(10, 20, 30, 0, 10, 20, 30, 128, 10, 20, 30, 255),
    };
    const png = await encodeImage(image, { format: 'png' });
    expect([...(await decodeImage(png)).data]).toEqual([255, 255, 255, 132, 137, 142, 10, 20, 30]);
    const black = await decodeImage(png, { background: [0, 0, 0] });
    expect([...black.data]).toEqual([0, 0, 0, 5, 10, 15, 10, 20, 30]);
    expect((await decodeImage(png, { color: 'gray' })).channels).toBe(1);
  });

  it('converts CMYK and wide-gamut JPEGs to sRGB', async () => {
    const { width, height, channels, data } = noise(16, 16, 3);
    const flat = sharp(data.fill(200), { raw: { width, height, channels } });
    const cmyk = new Uint8Array(
      await flat.clone().toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 95 }).toBuffer(),
    );
    const wide = new Uint8Array(await flat.clone().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer());
    for (const [file, tolerance] of [
      [cmyk, 20],
      [wide, 6],
    ] as const) {
      const image = await decodeImage(file);
      expect(image.channels).toBe(3);
      expect(largestDifference(image.data, data)).toBeLessThanOrEqual(tolerance);
    }
  });
});

describe('files that are not images', () => {
  const png = fromBase64(goldens.cases.find(({ name }) => name === 'png-rgb-8')!.file);
  const jpeg = fromBase64(goldens.cases.find(({ name }) => name === 'jpeg-420')!.file);

  it.each([
    ['an empty file', new Uint8Array(0), 'IMAGE_EMPTY', /empty file/],
    [
      'text named .jpg',
      new TextEncoder().encode('this is not a photo'),
      'IMAGE_UNKNOWN_FORMAT',
      /received text \("this is not a photo"\)/,
    ],
    ['an SVG', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'IMAGE_UNKNOWN_FORMAT', /<svg/],
    ['a PDF', new TextEncoder().encode('%PDF-1.7\n\u0000'), 'IMAGE_UNKNOWN_FORMAT', /a PDF/],
    ['noise', noise(8, 8, 1).data, 'IMAGE_UNKNOWN_FORMAT', /received bytes/],
  ])('%s is refused with what came', async (_, bytes, code, message) => {
    await expect(decodeImage(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('refuses whatever is not bytes', async () => {
    await expect(decodeImage('photo.jpg' as unknown as Uint8Array)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('refuses a JPEG and a PNG cut off anywhere', async () => {
    for (const file of [png, jpeg]) {
      for (const share of [0.1, 0.5, 0.9, 0.99]) {
        const cut = file.subarray(0, Math.floor(file.length * share));
        await expect(decodeImage(cut), `${cut.length} of ${file.length}`).rejects.toMatchObject({
          code: 'IMAGE_DECODE_FAILED',
        });
      }
    }
  });

  it('refuses a large PNG and a large JPEG that end early', async () => {
    for (const format of ['png', 'jpeg'] as const) {
      const whole = await encodeImage(noise(300, 300, 3), { format });
      for (const missing of [3, 200, whole.length >> 1]) {
        const cut = whole.subarray(0, whole.length - missing);
        await expect(decodeImage(cut), `${format} - ${missing}`).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
      }
    }
  });

  it('refuses a PNG with a damaged byte', async () => {
    const damaged = png.slice();
    damaged[60] = damaged[60]! ^ 1;
    await expect(decodeImage(damaged)).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED', message: /checksum/ });
  });
});

describe('limits', () => {
  it('refuses a header of 40,000 × 40,000 without allocating its pixels', async () => {
    const png = fromBase64(goldens.cases.find(({ name }) => name === 'png-rgb-8')!.file);
    new DataView(png.buffer).setUint32(16, 40_000);
    new DataView(png.buffer).setUint32(20, 40_000);
    const before = process.memoryUsage();
    await expect(decodeImage(png)).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: /40000 × 40000/,
      details: { width: 40_000, maxPixels: 100_000_000 },
    });
    const after = process.memoryUsage();
    expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(10_000_000);
  });

  it('takes maxPixels and maxBytes from the caller', async () => {
    const png = await encodeImage(noise(10, 10, 1), { format: 'png' });
    await expect(decodeImage(png, { maxPixels: 99 })).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    await expect(decodeImage(png, { maxBytes: png.length - 1 })).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    await expect(decodeImage(png, { maxPixels: 100, maxBytes: png.length })).resolves.toMatchObject({ width: 10 });
  });

  it('stops when aborted', async () => {
    const png = await encodeImage(noise(10, 10, 1), { format: 'png' });
    await expect(decodeImage(png, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('refuses unknown options', async () => {
    const options = { colour: 'rgb' } as object;
    await expect(decodeImage(new Uint8Array(1), options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
