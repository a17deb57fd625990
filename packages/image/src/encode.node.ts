import { deflateSync } from 'node:zlib';
import type { Image } from '@percept/core';
import { type EncodeOptions, encodeFailure, prepareEncoding } from './encode-options.js';
import { loadSharp } from './peers.node.js';
import { encodePng } from './png/encode.js';

/** PNGs up to this many pixels are encoded here: for small ones, starting sharp takes far longer than the work. */
const smallPng = 256 * 256;

/**
 * Encodes an 8-bit image as PNG (lossless), JPEG, WebP or AVIF bytes, or a 16-bit one as PNG. JPEG lays alpha over white.
 * Small PNGs and 16-bit ones need no optional package in Node, everything else `sharp`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image of another depth or unknown options, `IMAGE_ENCODE_FAILED` when
 *   the encoder refuses (WebP ends at 16,383 pixels a side, JPEG at 65,535), `MISSING_PEER`
 */
export async function encodeImage(image: Image, options: EncodeOptions): Promise<Uint8Array> {
  const prepared = prepareEncoding(image, options);
  const { image: source, format } = prepared;
  const { width, height, channels, data } = source;
  if (format === 'png' && (width * height <= smallPng || data instanceof Uint16Array)) {
    return encodePng(source, deflateSync);
  }
  const sharp = await loadSharp();
  try {
    const pixels = sharp(data, { raw: { width, height, channels } }).toColourspace(channels === 1 ? 'b-w' : 'srgb');
    const encoded = await pixels[format](format === 'png' ? {} : { quality: prepared.quality }).toBuffer();
    return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  } catch (error) {
    throw encodeFailure(format, source, error);
  }
}
