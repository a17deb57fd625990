import { describeValue, PerceptError } from '@percept/core';
import { describeBytes, sniffFormat } from './format.js';
import { readAvifHeader } from './headers/avif.js';
import { readGifHeader } from './headers/gif.js';
import type { ImageFormat, ImageHeader } from './headers/header.js';
import { readJpegHeader } from './headers/jpeg.js';
import { readPngHeader } from './headers/png.js';
import { readTiffHeader } from './headers/tiff.js';
import { readWebpHeader } from './headers/webp.js';

/** What {@link probeImage} finds in a header. */
export interface ImageInfo {
  /** By content, not by file name. */
  readonly format: ImageFormat;
  /** Pixels in a row as the decoded image will have them, orientation applied. */
  readonly width: number;
  /** Rows as the decoded image will have them, orientation applied. */
  readonly height: number;
  /** EXIF orientation, 1 (upright) to 8. */
  readonly orientation: number;
}

const readers: Readonly<Record<ImageFormat, (bytes: Uint8Array) => ImageHeader>> = {
  jpeg: readJpegHeader,
  png: readPngHeader,
  gif: readGifHeader,
  webp: readWebpHeader,
  avif: readAvifHeader,
  tiff: readTiffHeader,
};

/**
 * Reads format, size and EXIF orientation (JPEG, PNG, WebP, TIFF) from a file's header. No pixel is decoded and nothing
 * is allocated, so it is safe and cheap on hostile files; the first kilobytes of a file are usually enough.
 *
 * @throws PerceptError `IMAGE_EMPTY` for no bytes, `IMAGE_UNKNOWN_FORMAT` for anything that is not JPEG, PNG, GIF,
 *   WebP, AVIF or TIFF, `IMAGE_DECODE_FAILED` for a header that is cut off or impossible
 */
export function probeImage(bytes: Uint8Array): ImageInfo {
  const { format, width, height, orientation } = readHeader(bytes);
  const turned = orientation >= 5;
  return { format, width: turned ? height : width, height: turned ? width : height, orientation };
}

/** The whole header, for decoding. */
export function readHeader(bytes: Uint8Array): ImageHeader {
  if (!(bytes instanceof Uint8Array)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a Uint8Array for the image bytes but received ${describeValue(bytes)}`,
    );
  }
  if (bytes.length === 0) {
    throw new PerceptError('IMAGE_EMPTY', 'Expected image bytes but received an empty file; write or upload it again');
  }
  const format = sniffFormat(bytes);
  if (format === undefined) {
    throw new PerceptError(
      'IMAGE_UNKNOWN_FORMAT',
      `Expected a JPEG, PNG, GIF, WebP, AVIF or TIFF image but received ${describeBytes(bytes)}`,
      { details: { byteLength: bytes.length } },
    );
  }
  return readers[format](bytes);
}
