import { HeaderReader, type ImageHeader } from './header.js';

/** Reads a BMP's file and information headers (BITMAPCOREHEADER up to BITMAPV5HEADER). */
export function readBmpHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'bmp');
  const size = reader.u32(14, true);
  const core = size === 12;
  const width = core ? reader.u16(18, true) : reader.u32(18, true);
  // A negative height says that the top row comes first.
  const height = core ? reader.u16(20, true) : Math.abs(reader.u32(22, true) | 0);
  if (width === 0 || height === 0 || width > 0x7fffffff) reader.fail(`received a size of ${width} × ${height}`);
  const alpha = size >= 56 && reader.length >= 70 && reader.u32(66, true) !== 0;
  return {
    format: 'bmp',
    width,
    height,
    orientation: 1,
    bitDepth: 8,
    alpha,
    frames: 1,
    metadataBytes: 0,
    gray: false,
    profile: false,
  };
}
