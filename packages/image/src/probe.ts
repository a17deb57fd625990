import { describeValue, PerceptError } from '@percept/core';
import { describeBytes, sniffFormat } from './format.js';
import { readBmpHeader } from './headers/bmp.js';
import { readGifHeader } from './headers/gif.js';
import type { ImageFormat, ImageHeader } from './headers/header.js';
import { readHeifHeader } from './headers/heif.js';
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
  /** Bits of a stored sample: 1 to 16, of some TIFFs more; 8 for a palette's colours. */
  readonly bitDepth: number;
  /** Whether the file declares transparency. */
  readonly alpha: boolean;
  /** Frames or pages; `undefined` when the bytes end before they can be counted (GIF, animated WebP, TIFF). */
  readonly frames: number | undefined;
}

const readers: Readonly<Record<ImageFormat, (bytes: Uint8Array) => ImageHeader>> = {
  jpeg: readJpegHeader,
  png: readPngHeader,
  gif: readGifHeader,
  webp: readWebpHeader,
  avif: (bytes) => readHeifHeader(bytes, 'avif'),
  heic: (bytes) => readHeifHeader(bytes, 'heic'),
  tiff: readTiffHeader,
  bmp: readBmpHeader,
};

/**
 * Reads format, size, EXIF orientation (JPEG, PNG, WebP, TIFF), bit depth, transparency and frames from a file's header.
 * No pixel is decoded and nothing is allocated, so it is safe and cheap on hostile files. The first kilobytes of a file
 * are enough where its header stands at the front: always for PNG, GIF, WebP and BMP, for JPEG, AVIF and HEIC unless they
 * begin with large metadata, for TIFF only if its writer put the directory first.
 *
 * @throws PerceptError `IMAGE_EMPTY` for no bytes, `IMAGE_UNKNOWN_FORMAT` for anything that is not JPEG, PNG, GIF,
 *   WebP, AVIF, HEIC, TIFF or BMP, `IMAGE_DECODE_FAILED` for a header that is cut off or impossible
 */
export function probeImage(bytes: Uint8Array): ImageInfo {
  const { format, width, height, orientation, bitDepth, alpha, frames } = readHeader(bytes);
  const turned = orientation >= 5;
  const upright = { width: turned ? height : width, height: turned ? width : height };
  return { format, ...upright, orientation, bitDepth, alpha, frames };
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
      `Expected a JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF or BMP image but received ${describeBytes(bytes)}`,
      { details: { byteLength: bytes.length } },
    );
  }
  return readers[format](bytes);
}
