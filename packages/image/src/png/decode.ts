// Decodes every kind of PNG (PNG 3rd edition): grey, RGB, palette, alpha, 1 to 16 bits, interlaced. Decoded to 8 bits,
// 16-bit samples keep their high byte, as libvips and OpenCV do. Colour profiles and gamma are not applied. Inflating is handed in, because
// Node and browsers do it differently; everything else is the same code, hence the same pixels, in both.
import type { Image } from '@percept/core';
import { readPngParts } from './chunks.js';
import { unfilter } from './filters.js';
import { outputChannels, pixelWriter, samplesPerPixel } from './samples.js';

/** Inflates a zlib stream to at most `size` bytes; rejects when there are more or the stream is damaged. */
export type Inflate = (compressed: Uint8Array, size: number) => Promise<Uint8Array> | Uint8Array;

/** One pass of an interlaced image, or the whole of another. */
interface Pass {
  readonly left: number;
  readonly top: number;
  readonly stepX: number;
  readonly stepY: number;
}

const wholeImage: readonly Pass[] = [{ left: 0, top: 0, stepX: 1, stepY: 1 }];
const adam7: readonly Pass[] = [
  { left: 0, top: 0, stepX: 8, stepY: 8 },
  { left: 4, top: 0, stepX: 8, stepY: 8 },
  { left: 0, top: 4, stepX: 4, stepY: 8 },
  { left: 2, top: 0, stepX: 4, stepY: 4 },
  { left: 0, top: 2, stepX: 2, stepY: 4 },
  { left: 1, top: 0, stepX: 2, stepY: 2 },
  { left: 0, top: 1, stepX: 1, stepY: 2 },
];

/**
 * Decodes a PNG to 1 (grey), 3 (RGB) or 4 (with alpha or `tRNS`) channels: of 16 bits when `depth` is 16 and the file has
 * them, otherwise of 8.
 *
 * @param fail - throws, told what is wrong with the file
 */
export async function decodePng(
  bytes: Uint8Array,
  inflate: Inflate,
  depth: 8 | 16,
  fail: (problem: string, cause?: unknown) => never,
): Promise<Image<Uint8Array | Uint16Array>> {
  const parts = readPngParts(bytes, fail);
  const { width, height } = parts;
  const bits = samplesPerPixel[parts.colorType]! * parts.bitDepth;
  const passes = (parts.interlaced ? adam7 : wholeImage)
    .map((pass) => {
      const columns = Math.ceil((width - pass.left) / pass.stepX);
      return { ...pass, columns, rows: Math.ceil((height - pass.top) / pass.stepY), stride: (columns * bits + 7) >> 3 };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
  const size = passes.reduce((sum, { rows, stride }) => sum + rows * (stride + 1), 0);

  let data: Uint8Array;
  try {
    data = await inflate(parts.compressed, size);
  } catch (error) {
    return fail('its compressed data is damaged', error);
  }
  if (data.length !== size) fail(`its pixels end after ${data.length} of ${size} bytes`);

  const channels = outputChannels(parts);
  const deep = depth === 16 && parts.bitDepth === 16;
  const out = new (deep ? Uint16Array : Uint8Array)(width * height * channels);
  const write = pixelWriter(parts, data, out);
  let at = 0;
  for (const { left, top, stepX, stepY, columns, rows, stride } of passes) {
    if (!unfilter(data, at, rows, stride, Math.max(1, bits >> 3))) fail('it asks for a filter that PNG does not have');
    for (let row = 0; row < rows; row++) {
      at++;
      const target = ((top + row * stepY) * width + left) * channels;
      write(at, columns, target, stepX * channels);
      at += stride;
    }
  }
  return { width, height, channels, data: out };
}
