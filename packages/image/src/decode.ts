import { type Image, throwIfAborted } from '@percept/core';
import {
  type DecodeDepth,
  type DecodedData,
  type DecodeOptions,
  type DecodeSettings,
  decodeFailure,
  openImage,
  unsupportedFormat,
} from './decode-options.js';
import { finishDecoding } from './finish.js';
import type { ImageHeader } from './headers/header.js';
import { decodeJpegWith } from './jpeg-decoder.js';
import { inflateStream } from './png/streams.js';

/**
 * Decodes JPEG, PNG, GIF, WebP, AVIF or BMP (and HEIC where the browser does) to sRGB pixels of 8 bits, or of 16 with
 * `depth`. EXIF orientation is applied, transparency is laid over `background` (except with `color: 'source'`), ICC
 * profiles other than sRGB are converted, animations give their first frame. Works in pages and in workers.
 *
 * In browsers, PNGs without a colour profile are decoded by the same code as in Node, pixel for pixel, and 16 bits deep.
 * Everything else is decoded to 8 bits by the browser: with transparency through `ImageDecoder` where there is one, which
 * keeps colours exact, otherwise through `createImageBitmap` and a canvas, which rounds the colours of nearly transparent
 * pixels. JPEG may differ from Node's decoder by a few levels; `jpegDecoder` replaces the browser's.
 *
 * @throws PerceptError `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT`, `IMAGE_UNSUPPORTED` (TIFF, and HEIC in most browsers),
 *   `IMAGE_TOO_LARGE` (judged by the header, before anything is allocated), `IMAGE_DECODE_FAILED`, `ABORTED`,
 *   `INVALID_ARGUMENT`
 */
export async function decodeImage<Depth extends DecodeDepth = 8>(
  bytes: Uint8Array,
  options: DecodeOptions<Depth> = {},
): Promise<Image<DecodedData<Depth>>> {
  const { header, settings } = openImage(bytes, options);
  const stored = await decodeStored(bytes, header, settings);
  throwIfAborted(options.signal);
  return finishDecoding(stored, header, settings) as Image<Uint8Array | Uint16Array> as Image<DecodedData<Depth>>;
}

async function decodeStored(
  bytes: Uint8Array,
  header: ImageHeader,
  { depth, jpegDecoder }: DecodeSettings,
): Promise<Image<Uint8Array | Uint16Array>> {
  const { format, profile } = header;
  if (format === 'tiff') throw unsupportedFormat(header, 'browsers have no TIFF decoder: convert it to PNG first');
  if (format === 'png' && !profile) {
    // Loaded with the first PNG: a page that shows only photos has no use for it.
    const { decodePng } = await import('./png/decode.js');
    return decodePng(bytes, inflateStream, depth, (problem, cause) => {
      throw decodeFailure(header, bytes.length, problem, cause);
    });
  }
  if (format === 'jpeg' && jpegDecoder && !profile && header.components !== 4) {
    return decodeJpegWith(jpegDecoder, bytes, header);
  }
  const file = upright(bytes, header);
  return (header.alpha && !profile ? await decodeStraight(file, header) : undefined) ?? decodeByCanvas(file, header);
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

/** Where ImageDecoder's `VideoFrame`s keep red, green, blue and alpha (or nothing) of a pixel. */
const frameOrders: Readonly<Record<string, readonly [number, number, number, number | undefined]>> = {
  RGBA: [0, 1, 2, 3],
  BGRA: [2, 1, 0, 3],
  RGBX: [0, 1, 2, undefined],
  BGRX: [2, 1, 0, undefined],
};

/**
 * RGBA with straight alpha, exactly as stored: the frame is copied in its own order, because a conversion (and a canvas)
 * multiplies colours by alpha and back. `undefined` where the browser has no ImageDecoder, keeps YUV, or refuses.
 */
async function decodeStraight(
  file: Uint8Array<ArrayBuffer>,
  { format, width, height }: ImageHeader,
): Promise<Image<Uint8Array> | undefined> {
  if (!('ImageDecoder' in globalThis)) return undefined;
  let frame: VideoFrame | undefined;
  try {
    const decoder = new ImageDecoder({ data: file, type: `image/${format}` });
    frame = (await decoder.decode({ frameIndex: 0 })).image;
    decoder.close();
    const order = frameOrders[frame.format ?? ''];
    if (order === undefined || frame.codedWidth !== width || frame.codedHeight !== height) return undefined;
    const pixels = new Uint8Array(frame.allocationSize());
    const [layout] = await frame.copyTo(pixels);
    return { width, height, channels: 4, data: reorder(pixels, order, width, height, layout!) };
  } catch {
    return undefined;
  } finally {
    frame?.close();
  }
}

function reorder(
  pixels: Uint8Array,
  [red, green, blue, alpha]: readonly [number, number, number, number | undefined],
  width: number,
  height: number,
  { offset, stride }: PlaneLayout,
): Uint8Array {
  const out = new Uint8Array(width * height * 4);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, from = offset + y * stride; x < width; x++, from += 4, to += 4) {
      out[to] = pixels[from + red]!;
      out[to + 1] = pixels[from + green]!;
      out[to + 2] = pixels[from + blue]!;
      out[to + 3] = alpha === undefined ? 255 : pixels[from + alpha]!;
    }
  }
  return out;
}

async function decodeByCanvas(file: Uint8Array<ArrayBuffer>, header: ImageHeader): Promise<Image<Uint8Array>> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([file], { type: `image/${header.format}` }), {
      colorSpaceConversion: header.profile ? 'default' : 'none',
      premultiplyAlpha: 'none',
    });
  } catch (error) {
    if (header.format === 'heic') throw unsupportedFormat(header, 'convert it to JPEG or AVIF first', error);
    throw decodeFailure(header, file.length, 'the browser cannot decode its pixels', error);
  }
  try {
    return readBack(bitmap, file.length, header);
  } finally {
    bitmap.close();
  }
}

function readBack(bitmap: ImageBitmap, byteLength: number, header: ImageHeader): Image<Uint8Array> {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw decodeFailure(header, byteLength, 'the browser has no canvas to read its pixels from');
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height, { colorSpace: 'srgb' });
  return { width, height, channels: 4, data: new Uint8Array(data.buffer) };
}
