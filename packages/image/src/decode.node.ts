import { inflateSync } from 'node:zlib';
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
import { decodeScaled, decodeWithSharp, shrinksEnough } from './decode-sharp.node.js';
import { decodeWithTurbo, type Lease } from './decode-turbo.node.js';
import { finishDecoding } from './finish.js';
import type { ImageHeader } from './headers/header.js';
import { decodeJpegWith } from './jpeg-decoder.js';
import { decodePng } from './png/decode.js';

/** PNGs up to this many pixels are decoded here: for small ones, starting sharp takes far longer than the work. */
const smallPng = 256 * 256;

/**
 * Decodes JPEG, PNG, GIF, WebP, AVIF or TIFF to sRGB pixels of 8 bits, or of 16 with `depth`. EXIF orientation is applied,
 * transparency is laid over `background` (except with `color: 'source'`), ICC profiles other than sRGB are converted, CMYK
 * without a profile becomes RGB as Pillow does it, animations give their first frame. The pixels of a damaged or cut-off
 * file are never returned.
 *
 * In Node, JPEG is decoded by `@julusian/jpeg-turbo` where that is installed and by `sharp` otherwise; small PNGs and
 * 16-bit ones need neither, and everything else is decoded by `sharp`.
 *
 * @throws PerceptError `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT`, `IMAGE_UNSUPPORTED` (HEIC, unless sharp was built with HEVC;
 *   BMP), `IMAGE_TOO_LARGE` (judged by the header, before anything is allocated), `IMAGE_DECODE_FAILED`, `MISSING_PEER`,
 *   `ABORTED`, `INVALID_ARGUMENT`
 */
export async function decodeImage<Depth extends DecodeDepth = 8>(
  bytes: Uint8Array,
  options: DecodeOptions<Depth> = {},
): Promise<Image<DecodedData<Depth>>> {
  return (await decodeInto(bytes, options)) as Image<DecodedData<Depth>>;
}

/** {@link decodeImage}, which takes the memory of a JPEG's pixels from `lease` if that is given. */
export async function decodeInto(
  bytes: Uint8Array,
  options: DecodeOptions<DecodeDepth>,
  lease?: Lease,
): Promise<Image<Uint8Array | Uint16Array>> {
  const { header, settings } = openImage(bytes, options);
  const stored = await decodeStored(bytes, header, settings, lease);
  throwIfAborted(options.signal);
  return finishDecoding(stored, header, settings);
}

async function decodeStored(
  bytes: Uint8Array,
  header: ImageHeader,
  settings: DecodeSettings,
  lease: Lease | undefined,
): Promise<Image<Uint8Array | Uint16Array>> {
  const { format, profile } = header;
  if (format === 'bmp') throw unsupportedFormat(header, 'convert it to PNG first');
  // What 32 bits mean (counts, floats of 0..1, elevations) no file says, so that libvips would cut most of them off.
  if (header.bitDepth > 16) {
    throw unsupportedFormat(header, `its samples have ${header.bitDepth} bits: scale them to 8 or 16 first`);
  }
  if (format === 'png' && !profile) {
    // libvips drops the low byte of a grey or palette image on its way to sRGB; our decoder keeps every bit.
    const ours = header.width * header.height <= smallPng || (header.bitDepth === 16 && settings.depth === 16);
    if (ours) {
      return await decodePng(bytes, inflate, settings.depth, (problem, cause) => {
        throw decodeFailure(header, bytes.length, problem, cause);
      });
    }
  }
  if (format === 'jpeg' && !profile && header.components !== 4) {
    if (settings.jpegDecoder) return decodeJpegWith(settings.jpegDecoder, bytes, header);
    if (shrinksEnough(header, settings.targetSize)) return decodeScaled(bytes, header, settings);
    const image = settings.dctMethod === 'fast' && (await decodeWithTurbo(bytes, header, settings.inline, lease));
    if (image) return image;
  }
  return decodeWithSharp(bytes, header, settings);
}

function inflate(compressed: Uint8Array, size: number): Uint8Array {
  return inflateSync(compressed, { maxOutputLength: size });
}
