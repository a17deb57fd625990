import { crc32 } from '../png/crc32.js';
import { exifOrientation } from './exif.js';
import { HeaderReader, type ImageHeader } from './header.js';

/** Chunks that are pixels or say how to read them. */
const pixels = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'fdAT', 'IEND'];

/** Reads a PNG's IHDR and the chunks before and after its data that matter (PNG 3rd edition: `iCCP`, `eXIf`). */
export function readPngHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'png');
  if (!reader.has(12, 'IHDR')) reader.fail('received no IHDR chunk');
  const width = reader.u32(16);
  const height = reader.u32(20);
  const bitDepth = reader.u8(24);
  const colorType = reader.u8(25);
  if (width === 0 || height === 0) reader.fail(`received a size of ${width} × ${height}`);

  let exif: ReturnType<typeof exifOrientation> | undefined;
  let profile = false;
  let whole = false;
  let damage: string | undefined;
  let transparent = false;
  let frames = 1;
  let metadataBytes = 0;
  for (let at = 8; at + 12 <= reader.length; ) {
    const length = reader.u32(at);
    if (reader.has(at + 4, 'eXIf')) exif ??= exifOrientation(reader, at + 8, at + 8 + length);
    else if (reader.has(at + 4, 'iCCP')) {
      profile = true;
      const end = at + 8 + length;
      // libpng only warns of a broken profile, and libvips then spends a tenth of a second on it.
      const wrong = end + 4 <= reader.length && crc32(bytes, at + 4, end) !== reader.u32(end);
      if (wrong) damage = 'the checksum of its iCCP chunk is wrong';
    } else if (reader.has(at + 4, 'tRNS')) transparent = true;
    else if (reader.has(at + 4, 'acTL')) frames = Math.max(1, reader.u32(at + 8));
    else if (reader.has(at + 4, 'IEND')) {
      whole = true;
      // Cameras and steganographers put other things behind it, which no decoder reads.
      break;
    }
    if (!pixels.some((type) => reader.has(at + 4, type))) metadataBytes += Math.min(length, reader.length - at - 12);
    at += 12 + length;
  }
  return {
    format: 'png',
    width,
    height,
    orientation: 1,
    ...exif,
    bitDepth: colorType === 3 ? 8 : bitDepth,
    alpha: colorType === 4 || colorType === 6 || transparent,
    frames,
    metadataBytes,
    gray: colorType === 0 || colorType === 4,
    profile,
    whole,
    damage,
  };
}
