import { describe, expect, it } from 'vitest';
import goldens from '../../../test/goldens/image/formats.json' with { type: 'json' };
import { fromBase64, largestDifference } from '../../../test/goldens/image/goldens.js';
import { decodeImage } from './decode.node.js';
import { probeImage } from './probe.js';

const undecodable = /^(bmp|heic)/;
const cases = goldens.cases.map((golden) => ({ ...golden, bytes: fromBase64(golden.file) }));

function expectedPixels({ depth, pixels }: (typeof cases)[number]): Uint8Array | Uint16Array {
  const bytes = fromBase64(pixels);
  return depth === 16 ? new Uint16Array(bytes.buffer) : bytes;
}

/** Lossy codecs round in their own way, and every colour engine converts profiles in its own. */
function tolerance(name: string): number {
  if (/jpeg-cmyk/.test(name)) return 4;
  if (/icc/.test(name)) return 3;
  return /avif|lossy/.test(name) ? 8 : 0;
}

describe('probeImage', () => {
  it.each(cases)('reads depth, transparency and frames of $name', ({ name, bytes, width, height, probe }) => {
    expect(probeImage(bytes)).toEqual({ format: name.split('-')[0], width, height, orientation: 1, ...probe });
  });
});

describe('decodeImage in Node', () => {
  it.each(cases.filter(({ name }) => !undecodable.test(name)))('reads the pixels of $name', async (golden) => {
    const image = await decodeImage(golden.bytes, { color: 'source', depth: 'source' });
    const { width, height, channels } = golden;
    expect(image).toMatchObject({ width, height, channels });
    expect(image.data.BYTES_PER_ELEMENT * 8).toBe(golden.depth);
    expect(largestDifference(image.data, expectedPixels(golden))).toBeLessThanOrEqual(tolerance(golden.name));
  });

  it.each(cases.filter(({ name }) => undecodable.test(name)))('says what to do with $name', async ({ bytes, name }) => {
    await expect(decodeImage(bytes)).rejects.toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      message: expect.stringMatching(name.startsWith('heic') ? /HEVC.*convert/ : /convert/),
    });
  });
});
