import { readTiffDirectory } from './exif.js';
import { HeaderReader, type ImageHeader } from './header.js';

/** Reads the first directory of a TIFF file (TIFF 6.0). */
export function readTiffHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'tiff');
  const directory = readTiffDirectory(reader, 0, bytes.length);
  if (!directory?.width || !directory.height) return reader.fail('received no image directory with a size');
  const { width, height, orientation, photometric, profile } = directory;
  return {
    format: 'tiff',
    width,
    height,
    orientation: orientation?.value ?? 1,
    gray: photometric === 0 || photometric === 1,
    profile,
  };
}
