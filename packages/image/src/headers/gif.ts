import { HeaderReader, type ImageHeader } from './header.js';

/** Reads a GIF's logical screen descriptor, and walks its blocks to count the frames (GIF89a). */
export function readGifHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'gif');
  const width = reader.u16(6, true);
  const height = reader.u16(8, true);
  if (width === 0 || height === 0) reader.fail(`received a size of ${width} × ${height}`);
  return {
    format: 'gif',
    width,
    height,
    orientation: 1,
    bitDepth: 8,
    ...walkBlocks(reader),
    gray: false,
    profile: false,
  };
}

/** Never fails: what a cut-off or damaged file does not tell stays unknown. */
function walkBlocks(reader: HeaderReader): Pick<ImageHeader, 'alpha' | 'frames' | 'metadataBytes'> {
  const { bytes, length } = reader;
  const table = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let alpha = false;
  let frames = 0;
  let metadataBytes = 0;
  for (let at = 13 + table(bytes[10] ?? 0); at < length; ) {
    const kind = bytes[at];
    if (kind === 0x3b) return { alpha, frames, metadataBytes };
    if (kind === 0x21) {
      const label = bytes[at + 1];
      if (label === 0xf9 && frames === 0) alpha ||= ((bytes[at + 3] ?? 0) & 1) === 1;
      const end = skipSubBlocks(bytes, at + 2);
      if (label === 0xfe || label === 0xff) metadataBytes += end - at;
      at = end;
    } else if (kind === 0x2c) {
      frames++;
      at = skipSubBlocks(bytes, at + 10 + table(bytes[at + 9] ?? 0) + 1);
    } else break;
  }
  return { alpha, frames: undefined, metadataBytes };
}

function skipSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
  return at + 1;
}
