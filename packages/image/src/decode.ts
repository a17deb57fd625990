import { type Image, PerceptError, throwIfAborted } from '@percept/core';
import { type DecodeOptions, decodeFailure, openImage } from './decode-options.js';
import { finishDecoding } from './finish.js';
import type { ImageHeader } from './headers/header.js';
import { decodePng } from './png/decode.js';
import { inflateStream } from './png/streams.js';

/**
 * Decodes JPEG, PNG, GIF, WebP or AVIF to 8-bit sRGB pixels. EXIF orientation is applied, transparency is laid over
 * `background` (except with `color: 'source'`), ICC profiles other than sRGB are converted, 16 bits keep their high byte,
 * animations give their first frame.
 *
 * In browsers, PNGs without a colour profile are decoded by the same code as in Node, pixel for pixel. Everything else is
 * decoded by the browser through `createImageBitmap` and read back from a canvas: JPEG may differ from Node's decoder by
 * a few levels, and colours under partial transparency are rounded by the canvas.
 *
 * @throws PerceptError `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT` (TIFF included), `IMAGE_TOO_LARGE` (judged by the header,
 *   before anything is allocated), `IMAGE_DECODE_FAILED`, `ABORTED`, `INVALID_ARGUMENT`
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image<Uint8Array>> {
  const { header, settings } = openImage(bytes, options);
  const stored = await decodeStored(bytes, header);
  throwIfAborted(options.signal);
  return finishDecoding(stored, header, settings);
}

async function decodeStored(bytes: Uint8Array, header: ImageHeader): Promise<Image<Uint8Array>> {
  if (header.format === 'tiff') {
    throw new PerceptError(
      'IMAGE_UNKNOWN_FORMAT',
      'Expected a format that browsers decode (JPEG, PNG, GIF, WebP, AVIF) but received a TIFF; convert it first',
    );
  }
  if (header.format === 'png' && !header.profile) {
    return decodePng(bytes, inflateStream, (problem, cause) => {
      throw decodeFailure(header, bytes.length, problem, cause);
    });
  }
  let bitmap: ImageBitmap;
  try {
    const file = new Blob([upright(bytes, header)], { type: `image/${header.format}` });
    bitmap = await createImageBitmap(file, {
      colorSpaceConversion: header.profile ? 'default' : 'none',
      premultiplyAlpha: 'none',
    });
  } catch (error) {
    throw decodeFailure(header, bytes.length, 'the browser cannot decode its pixels', error);
  }
  try {
    return readBack(bitmap, bytes.length, header);
  } finally {
    bitmap.close();
  }
}

/**
 * The file with its orientation set to 1. Browsers differ in which formats' orientation they apply, so it is taken away
 * and applied by us.
 */
function upright(bytes: Uint8Array, { orientation, orientationAt }: ImageHeader): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  if (orientation !== 1 && orientationAt) {
    new DataView(copy.buffer).setUint16(orientationAt.offset, 1, orientationAt.littleEndian);
  }
  return copy;
}

function readBack(bitmap: ImageBitmap, byteLength: number, header: ImageHeader): Image<Uint8Array> {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw decodeFailure(header, byteLength, 'the browser has no canvas to read its pixels from');
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height, { colorSpace: 'srgb' });
  return { width, height, channels: 4, data: new Uint8Array(data.buffer) };
}
