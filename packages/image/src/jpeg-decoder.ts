import { type Image, isPerceptError } from '@percept/core';
import { decodeFailure, type JpegDecoder } from './decode-options.js';
import type { ImageHeader } from './headers/header.js';

/** Decodes with a decoder that was handed in, and checks that it gave what the header promised. */
export async function decodeJpegWith(
  decoder: JpegDecoder,
  bytes: Uint8Array,
  header: ImageHeader,
): Promise<Image<Uint8Array>> {
  let image: Image<Uint8Array>;
  try {
    image = await decoder.decode(bytes);
  } catch (error) {
    if (isPerceptError(error, 'MISSING_PEER')) throw error;
    throw decodeFailure(header, bytes.length, 'its pixels cannot be decoded', error);
  }
  const { width, height, channels, data } = image;
  if (width === header.width && height === header.height && data.length === width * height * channels) return image;
  throw decodeFailure(header, bytes.length, `the decoder gave ${width} × ${height} pixels`);
}
