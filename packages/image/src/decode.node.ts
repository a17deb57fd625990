import { inflateSync } from 'node:zlib';
import { type Image, isPerceptError, throwIfAborted } from '@percept/core';
import { type DecodeOptions, decodeFailure, openImage } from './decode-options.js';
import { finishDecoding } from './finish.js';
import type { ImageHeader } from './headers/header.js';
import { loadJpegTurbo, loadSharp } from './peers.node.js';
import { decodePng } from './png/decode.js';

/** PNGs up to this many pixels are decoded here: for small ones, starting sharp takes far longer than the work. */
const smallPng = 256 * 256;

/**
 * Decodes JPEG, PNG, GIF, WebP, AVIF or TIFF to 8-bit sRGB pixels. EXIF orientation is applied, transparency is laid over
 * `background` (except with `color: 'source'`), ICC profiles other than sRGB and CMYK are converted, 16 bits keep their
 * high byte, animations give their first frame. The pixels of a damaged or cut-off file are never returned.
 *
 * In Node, JPEG is decoded by `@julusian/jpeg-turbo` where that is installed and by `sharp` otherwise; small PNGs need
 * neither, and everything else is decoded by `sharp`.
 *
 * @throws PerceptError `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT`, `IMAGE_TOO_LARGE` (judged by the header, before anything is
 *   allocated), `IMAGE_DECODE_FAILED`, `MISSING_PEER`, `ABORTED`, `INVALID_ARGUMENT`
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image<Uint8Array>> {
  const { header, settings } = openImage(bytes, options);
  const stored = await decodeStored(bytes, header, settings.maxPixels);
  throwIfAborted(options.signal);
  return finishDecoding(stored, header, settings);
}

async function decodeStored(bytes: Uint8Array, header: ImageHeader, maxPixels: number): Promise<Image<Uint8Array>> {
  if (header.format === 'png' && !header.profile && header.width * header.height <= smallPng) {
    return await decodePng(bytes, inflate, (problem, cause) => {
      throw decodeFailure(header, bytes.length, problem, cause);
    });
  }
  const turboReads = header.format === 'jpeg' && !header.profile && header.components !== 4;
  return (turboReads ? await decodeWithTurbo(bytes, header) : undefined) ?? decodeWithSharp(bytes, header, maxPixels);
}

function inflate(compressed: Uint8Array, size: number): Uint8Array {
  return inflateSync(compressed, { maxOutputLength: size });
}

/** `undefined` leaves the file to sharp, which reads odd JPEGs that libjpeg-turbo only warns about, and judges the rest. */
async function decodeWithTurbo(bytes: Uint8Array, header: ImageHeader): Promise<Image<Uint8Array> | undefined> {
  const turbo = await loadJpegTurbo();
  if (turbo === undefined) return undefined;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = header.gray ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB;
  try {
    const { data, width, height } = await turbo.decompress(source, { format });
    if (width !== header.width || height !== header.height) return undefined;
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { width, height, channels: header.gray ? 1 : 3, data: pixels };
  } catch {
    return undefined;
  }
}

async function decodeWithSharp(bytes: Uint8Array, header: ImageHeader, maxPixels: number): Promise<Image<Uint8Array>> {
  const sharp = await loadSharp();
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return withKnownChannels(pixels, info.width, info.height, info.channels);
  } catch (error) {
    if (isPerceptError(error)) throw error;
    throw decodeFailure(header, bytes.length, 'its pixels cannot be decoded', error);
  }
}

/** Grey with alpha becomes RGBA: {@link Image} has no two-channel form. */
function withKnownChannels(data: Uint8Array, width: number, height: number, channels: number): Image<Uint8Array> {
  if (channels !== 2) return { width, height, channels: channels as 1 | 3 | 4, data };
  const rgba = new Uint8Array(width * height * 4);
  for (let from = 0, to = 0; from < data.length; from += 2, to += 4) {
    rgba.fill(data[from]!, to, to + 3);
    rgba[to + 3] = data[from + 1]!;
  }
  return { width, height, channels: 4, data: rgba };
}
