import { exifOrientation } from './exif.js';
import { HeaderReader, type ImageHeader } from './header.js';

/** Reads a WebP container (RFC 9649): a `VP8 `, `VP8L` or `VP8X` chunk for the size, `EXIF` and `ICCP` behind it. */
export function readWebpHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'webp');
  const size = readSize(reader);
  if (size.width === 0 || size.height === 0) reader.fail(`received a size of ${size.width} × ${size.height}`);

  let exif: ReturnType<typeof exifOrientation> | undefined;
  let profile = false;
  let alpha = false;
  let animated = false;
  let frames = 0;
  let metadataBytes = 0;
  for (let at = 12; at + 8 <= reader.length; ) {
    const length = reader.u32(at + 4, true);
    if (reader.has(at, 'EXIF')) {
      const start = reader.has(at + 8, 'Exif\0\0') ? at + 14 : at + 8;
      exif ??= exifOrientation(reader, start, at + 8 + length);
      metadataBytes += length;
    } else if (reader.has(at, 'VP8X') && at + 9 <= reader.length) {
      alpha = (reader.u8(at + 8) & 0x10) !== 0;
      animated = (reader.u8(at + 8) & 0x02) !== 0;
    } else if (reader.has(at, 'VP8L') && at + 13 <= reader.length) {
      alpha ||= !animated && (reader.u32(at + 9, true) & 0x1000_0000) !== 0;
    } else if (reader.has(at, 'ANMF')) frames++;
    else if (reader.has(at, 'ICCP')) {
      profile = true;
      metadataBytes += length;
    } else if (reader.has(at, 'XMP ')) metadataBytes += length;
    at += 8 + length + (length & 1);
  }
  const counted = reader.length >= reader.u32(4, true) + 8;
  return {
    format: 'webp',
    ...size,
    orientation: 1,
    ...exif,
    bitDepth: 8,
    alpha,
    frames: animated ? (counted ? frames : undefined) : 1,
    metadataBytes,
    gray: false,
    profile,
  };
}

function readSize(reader: HeaderReader): { width: number; height: number } {
  if (reader.has(12, 'VP8X')) return { width: u24(reader, 24) + 1, height: u24(reader, 27) + 1 };
  if (reader.has(12, 'VP8L')) {
    const bits = reader.u32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (reader.has(12, 'VP8 ')) return { width: reader.u16(26, true) & 0x3fff, height: reader.u16(28, true) & 0x3fff };
  return reader.fail('received no VP8, VP8L or VP8X chunk');
}

function u24(reader: HeaderReader, at: number): number {
  return reader.u16(at, true) | (reader.u8(at + 2) << 16);
}
