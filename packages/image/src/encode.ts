import type { Image } from '@percept/core';
import { toRgb } from './color.js';
import { type EncodeOptions, encodeFailure, prepareEncoding } from './encode-options.js';
import { deflateStream } from './png/streams.js';

/**
 * Encodes an 8-bit image as PNG (lossless), JPEG or WebP bytes, or a 16-bit one as PNG. JPEG lays alpha over white. In
 * browsers PNG is written by the same code as in Node; JPEG and WebP by the browser's canvas, JPEG always in colour; AVIF by
 * none.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image of another depth or unknown options, `IMAGE_ENCODE_FAILED` when
 *   the browser does not write the format or the size
 */
export async function encodeImage(image: Image, options: EncodeOptions): Promise<Uint8Array> {
  const prepared = prepareEncoding(image, options);
  if (prepared.format === 'png') {
    const { encodePng } = await import('./png/encode.js');
    return encodePng(prepared.image, deflateStream);
  }
  const { image: source, format, quality } = prepared;
  const type = `image/${format}`;
  let encoded: Blob | undefined;
  try {
    const canvas = new OffscreenCanvas(source.width, source.height);
    canvas.getContext('2d')?.putImageData(new ImageData(toRgba(source), source.width), 0, 0);
    encoded = await canvas.convertToBlob({ type, quality: quality / 100 });
  } catch (error) {
    throw encodeFailure(format, source, error);
  }
  // A browser that cannot write the type falls back to PNG without a word.
  if (encoded.type !== type) throw encodeFailure(format, source, undefined);
  return new Uint8Array(await encoded.arrayBuffer());
}

function toRgba(image: Image<Uint8Array>): Uint8ClampedArray<ArrayBuffer> {
  if (image.channels === 4) return new Uint8ClampedArray(image.data);
  const { data } = toRgb(image);
  const rgba = new Uint8ClampedArray((data.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    rgba[to] = data[from]!;
    rgba[to + 1] = data[from + 1]!;
    rgba[to + 2] = data[from + 2]!;
  }
  return rgba;
}
