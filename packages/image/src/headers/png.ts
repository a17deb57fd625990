import { exifOrientation } from './exif.js';
import { HeaderReader, type ImageHeader } from './header.js';

/** Reads a PNG's IHDR and the chunks before and after its data that matter (PNG 3rd edition: `iCCP`, `eXIf`). */
export function readPngHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'png');
  if (!reader.has(12, 'IHDR')) reader.fail('received no IHDR chunk');
  const width = reader.u32(16);
  const height = reader.u32(20);
  const colorType = reader.u8(25);
  if (width === 0 || height === 0) reader.fail(`received a size of ${width} × ${height}`);

  let exif: ReturnType<typeof exifOrientation> | undefined;
  let profile = false;
  let whole = false;
  for (let at = 8; at + 12 <= reader.length; ) {
    const length = reader.u32(at);
    if (reader.has(at + 4, 'eXIf')) exif ??= exifOrientation(reader, at + 8, at + 8 + length);
    else if (reader.has(at + 4, 'iCCP')) profile = true;
    else if (reader.has(at + 4, 'IEND')) whole = true;
    at += 12 + length;
  }
  return {
    format: 'png',
    width,
    height,
    orientation: 1,
    ...exif,
    gray: colorType === 0 || colorType === 4,
    profile,
    whole,
  };
}
