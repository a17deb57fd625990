import { HeaderReader, type ImageHeader } from './header.js';

/**
 * Reads the size of an AVIF image: the largest `ispe` property in `meta/iprp/ipco` (ISO/IEC 23008-12), which is the
 * primary item's, as tiles, alpha planes and thumbnails are never larger. A turn (`irot`) and a mirror (`imir`) are applied
 * by the decoders themselves, so the size is given as they leave it.
 */
export function readAvifHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'avif');
  const meta = findBox(reader, 0, bytes.length, 'meta');
  const properties = meta && findBox(reader, meta.start + 4, meta.end, 'iprp');
  const container = properties && findBox(reader, properties.start, properties.end, 'ipco');
  let width = 0;
  let height = 0;
  let turned = false;
  if (container) {
    for (const box of boxes(reader, container.start, container.end)) {
      if (box.type === 'irot') turned = (reader.u8(box.start) & 1) === 1;
      if (box.type !== 'ispe') continue;
      width = Math.max(width, reader.u32(box.start + 4));
      height = Math.max(height, reader.u32(box.start + 8));
    }
  }
  if (width === 0 || height === 0) reader.fail('received no image size (ispe)');
  if (turned) [width, height] = [height, width];
  return { format: 'avif', width, height, orientation: 1, gray: false, profile: false };
}

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function* boxes(reader: HeaderReader, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end; ) {
    const size = reader.u32(at);
    const type = String.fromCharCode(...reader.bytes.subarray(at + 4, at + 8));
    if (size < 8) return;
    yield { type, start: at + 8, end: Math.min(at + size, end) };
    at += size;
  }
}

function findBox(reader: HeaderReader, start: number, end: number, type: string): Box | undefined {
  for (const box of boxes(reader, start, end)) if (box.type === type) return box;
  return undefined;
}
