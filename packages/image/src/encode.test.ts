import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import { decodeImage } from './decode.node.js';
import { encodeImage } from './encode.node.js';
import { probeImage } from './probe.js';

const smooth = {
  width: 40,
  height: 30,
  channels: 3 as const,
  data: Uint8Array.from({ length: 3600 }, (_, i) => (Math.floor(i / 120) * 4 + (i % 120)) % 256),
};

describe('encodeImage in Node', () => {
  it('writes PNGs that come back pixel by pixel, here and in libpng', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom<(1 | 3 | 4)[]>(1, 3, 4),
        async (width, height, channels) => {
          const image = noise(width, height, channels);
          const png = await encodeImage(image, { format: 'png' });
          expect(await decodeImage(png, { color: 'source' })).toEqual(image);
          const other = await sharp(png)
            .toColourspace(channels === 1 ? 'b-w' : 'srgb')
            .raw()
            .toBuffer();
          expect(other.equals(image.data)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('writes 16-bit PNGs that come back sample by sample, here and in libpng', async () => {
    for (const channels of [1, 3, 4] as const) {
      const { data, ...size } = noise(31, 17, channels);
      const low = noise(31, 17, channels, 9).data;
      const deep = { ...size, data: Uint16Array.from(data, (high, i) => high * 256 + low[i]!) };
      const png = await encodeImage(deep, { format: 'png' });
      expect(probeImage(png)).toMatchObject({ bitDepth: 16, alpha: channels === 4 });
      expect(await decodeImage(png, { color: 'source', depth: 'source' })).toEqual(deep);
      const space = channels === 1 ? 'grey16' : 'rgb16';
      const other = await sharp(png).toColourspace(space).raw({ depth: 'ushort' }).toBuffer();
      expect(new Uint16Array(other.buffer, other.byteOffset, other.length / 2)).toEqual(deep.data);
    }
  });

  it('writes AVIF that looks alike', async () => {
    const bytes = await encodeImage(smooth, { format: 'avif', quality: 95 });
    expect(probeImage(bytes)).toMatchObject({ format: 'avif', width: 40, height: 30 });
    const difference = largestDifference((await decodeImage(bytes)).data, smooth.data);
    expect(difference).toBeLessThanOrEqual(48);
  });

  it.each(['jpeg', 'webp'] as const)('writes %s that looks alike', async (format) => {
    const bytes = await encodeImage(smooth, { format, quality: 95 });
    expect(probeImage(bytes)).toMatchObject({ format, width: 40, height: 30 });
    expect(largestDifference((await decodeImage(bytes)).data, smooth.data)).toBeLessThan(60);
    const worse = await encodeImage(smooth, { format, quality: 10 });
    expect(worse.length).toBeLessThan(bytes.length);
  });

  it('keeps grey JPEGs grey and lays alpha over white', async () => {
    const gray = await encodeImage(noise(16, 16, 1), { format: 'jpeg' });
    expect((await decodeImage(gray, { color: 'source' })).channels).toBe(1);
    const clear = { width: 8, height: 8, channels: 4 as const, data: new Uint8Array(256) };
    const white = await decodeImage(await encodeImage(clear, { format: 'jpeg' }));
    expect(white.data).toEqual(new Uint8Array(192).fill(255));
  });

  it('says when a format cannot hold the size', async () => {
    const wide = { width: 20_000, height: 1, channels: 1 as const, data: new Uint8Array(20_000) };
    await expect(encodeImage(wide, { format: 'webp' })).rejects.toMatchObject({ code: 'IMAGE_ENCODE_FAILED' });
  });

  it.each([{ format: 'bmp' }, { format: 'jpeg', quality: 0 }, {}])('refuses %j', async (options) => {
    await expect(encodeImage(smooth, options as { format: 'png' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
