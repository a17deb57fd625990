import { describe, expect, it } from 'vitest';
import { noise } from '../../../test/goldens/image/goldens.js';
import { decodeImage } from './decode.node.js';
import { probeImage } from './probe.js';
import { tiff } from './tiff.fixture.js';

const size = { width: 40, height: 24 };
/** CMYK of bytes, with a fifth channel of noise if asked for. */
function inks(samples: 4 | 5): Uint8Array {
  const colors = noise(size.width, size.height, 4).data;
  const more = noise(size.width, size.height, 1, 5).data;
  if (samples === 4) return colors;
  return Uint8Array.from({ length: more.length * 5 }, (_, i) =>
    i % 5 === 4 ? more[Math.floor(i / 5)]! : colors[Math.floor(i / 5) * 4 + (i % 5)]!,
  );
}
/** What a pixel of CMYK without a profile is: the complement of its inks, under black. */
function light(data: ArrayLike<number>, at: number, channel: number, full: number): number {
  const under = full - data[at + 3]!;
  return under - Math.round((data[at + channel]! * under) / full);
}

describe('TIFF', () => {
  it('keeps both bytes of CMYK of 16 bits, or the high one', async () => {
    const data = Uint16Array.from(inks(4), (value, i) => value * 256 + (i % 200));
    const file = tiff({ ...size, samples: 4, bits: 16, photometric: 5, data });
    const deep = await decodeImage(file, { depth: 16 });
    deep.data.forEach((value, i) => {
      expect(value).toBe(light(data, Math.floor(i / 3) * 4, i % 3, 65_535));
    });
    const high = data.map((value) => value >> 8);
    const { data: bytes } = await decodeImage(file);
    bytes.forEach((value, i) => {
      expect(value).toBe(light(high, Math.floor(i / 3) * 4, i % 3, 255));
    });
  });

  it('takes a fifth channel of CMYK for alpha', async () => {
    const data = inks(5);
    const file = tiff({ ...size, samples: 5, bits: 8, photometric: 5, data });
    const image = await decodeImage(file, { color: 'source' });
    expect(image).toMatchObject({ ...size, channels: 4 });
    image.data.forEach((value, i) => {
      const at = Math.floor(i / 4) * 5;
      expect(value).toBe(i % 4 === 3 ? data[at + 4] : light(data, at, i % 4, 255));
    });
  });

  it.each([
    ['floats', new Float32Array(960).fill(0.5)],
    ['integers', new Uint16Array(1920).fill(500)],
  ])('refuses %s of 32 bits, whose range no file says', async (_, data) => {
    const file = tiff({ ...size, samples: 1, bits: 32, photometric: 1, data });
    expect(probeImage(file)).toMatchObject({ ...size, bitDepth: 32 });
    const refused = { code: 'IMAGE_UNSUPPORTED', message: expect.stringContaining('32 bits') };
    await expect(decodeImage(file)).rejects.toMatchObject(refused);
    await expect(decodeImage(file, { depth: 'source' })).rejects.toMatchObject(refused);
  });

  it('reads tiles, and never pixels of tiles that are cut off', async () => {
    const { data } = noise(size.width, size.height, 3);
    const file = tiff({ ...size, samples: 3, bits: 8, photometric: 2, data, tile: 16 });
    expect((await decodeImage(file)).data).toEqual(data);
    for (const kept of [file.length - 1, file.length - 1000, file.length >> 1, 300]) {
      const cut = file.subarray(0, kept);
      await expect(decodeImage(cut), `${kept} bytes`).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
    }
    expect(probeImage(file.subarray(0, 600))).toMatchObject(size);
  });

  it('says that a BigTIFF is one', async () => {
    const file = Uint8Array.of(0x49, 0x49, 43, 0, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0);
    const unknown = { code: 'IMAGE_UNKNOWN_FORMAT', message: expect.stringContaining('a BigTIFF') };
    await expect(decodeImage(file)).rejects.toMatchObject(unknown);
  });
});
