import { HeaderReader, type ImageHeader } from './header.js';

/** Reads a GIF's logical screen descriptor (GIF89a). */
export function readGifHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'gif');
  const width = reader.u16(6, true);
  const height = reader.u16(8, true);
  if (width === 0 || height === 0) reader.fail(`received a size of ${width} × ${height}`);
  return { format: 'gif', width, height, orientation: 1, gray: false, profile: false };
}
