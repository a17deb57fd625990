import { HeaderReader, type ImageHeader } from './header.js';

/**
 * Reads a GIF's logical screen descriptor, and walks its blocks to count the frames (GIF89a). Frames that reach beyond the
 * screen make the image larger, as decoders have it.
 */
export function readGifHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'gif');
  const screen = { width: reader.u16(6, true), height: reader.u16(8, true) };
  if (screen.width === 0 || screen.height === 0) {
    reader.fail(`received a size of ${screen.width} × ${screen.height}`);
  }
  return {
    format: 'gif',
    ...walkBlocks(reader, screen),
    orientation: 1,
    bitDepth: 8,
    gray: false,
    profile: false,
  };
}

type Found = Pick<ImageHeader, 'width' | 'height' | 'alpha' | 'frames' | 'metadataBytes'>;

/** Never fails: what a cut-off or damaged file does not tell stays unknown. */
function walkBlocks(reader: HeaderReader, screen: { readonly width: number; readonly height: number }): Found {
  const { bytes, length } = reader;
  const table = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let { width, height } = screen;
  let alpha = false;
  let frames = 0;
  let metadataBytes = 0;
  for (let at = 13 + table(bytes[10] ?? 0); at < length; ) {
    const kind = bytes[at];
    if (kind === 0x3b) return { width, height, alpha, frames, metadataBytes };
    if (kind === 0x21) {
      const label = bytes[at + 1];
      if (label === 0xf9 && frames === 0) alpha ||= ((bytes[at + 3] ?? 0) & 1) === 1;
      const end = skipSubBlocks(bytes, at + 2);
      if (label === 0xfe || label === 0xff) metadataBytes += end - at;
      at = end;
    } else if (kind === 0x2c) {
      frames++;
      if (at + 9 <= length) {
        width = Math.max(width, reader.u16(at + 1, true) + reader.u16(at + 5, true));
        height = Math.max(height, reader.u16(at + 3, true) + reader.u16(at + 7, true));
      }
      at = skipSubBlocks(bytes, at + 10 + table(bytes[at + 9] ?? 0) + 1);
    } else break;
  }
  return { width, height, alpha, frames: undefined, metadataBytes };
}

function skipSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
  return at + 1;
}
