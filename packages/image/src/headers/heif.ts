import { HeaderReader, type ImageHeader } from './header.js';

/**
 * Reads the header of an AVIF or HEIC image (ISO/IEC 23008-12). The size is the largest `ispe` property in
 * `meta/iprp/ipco`, which is the primary item's, as tiles, alpha planes and thumbnails are never larger. A clean aperture
 * (`clap`), a turn (`irot`) and a mirror (`imir`) are applied by the decoders themselves, so the size is given as they
 * leave it.
 */
export function readHeifHeader(bytes: Uint8Array, format: 'avif' | 'heic'): ImageHeader {
  const reader = new HeaderReader(bytes, format);
  const meta = findBox(reader, 0, bytes.length, 'meta');
  const properties = meta && findBox(reader, meta.start + 4, meta.end, 'iprp');
  const container = properties && findBox(reader, properties.start, properties.end, 'ipco');
  let width = 0;
  let height = 0;
  let turned = false;
  let alpha = false;
  let bitDepth = 8;
  let aperture: number[] = [];
  if (container) {
    for (const { type, start, end } of boxes(reader, container.start, container.end)) {
      if (type === 'irot') turned = (reader.u8(start) & 1) === 1;
      else if (type === 'pixi') bitDepth = Math.max(bitDepth, reader.u8(start + 5));
      else if (type === 'auxC') alpha ||= namesAlpha(reader, start + 4, end);
      else if (type === 'clap') {
        aperture = [0, 8].map((at) => Math.round(reader.u32(start + at) / reader.u32(start + at + 4)));
      } else if (type === 'ispe') {
        width = Math.max(width, reader.u32(start + 4));
        height = Math.max(height, reader.u32(start + 8));
      }
    }
  }
  if (width === 0 || height === 0) reader.fail('received no image size (ispe)');
  const [cleanWidth = width, cleanHeight = height] = aperture;
  if (cleanWidth >= 1 && cleanWidth <= width) width = cleanWidth;
  if (cleanHeight >= 1 && cleanHeight <= height) height = cleanHeight;
  if (turned) [width, height] = [height, width];
  return {
    format,
    width,
    height,
    orientation: 1,
    bitDepth,
    alpha,
    frames: countSamples(reader),
    metadataBytes: 0,
    gray: false,
    profile: false,
  };
}

/** Kinds of auxiliary image that are alpha planes, in HEVC and in AV1. */
const alphaTypes = ['urn:mpeg:mpegB:cicp:systems:auxiliary:alpha', 'urn:mpeg:hevc:2015:auxid:1'];

function namesAlpha(reader: HeaderReader, start: number, end: number): boolean {
  return alphaTypes.some((type) => start + type.length <= end && reader.has(start, type));
}

/** Samples of the first track of an image sequence (`moov`), 1 for a still image. */
function countSamples(reader: HeaderReader): number | undefined {
  if (!reader.has(8, 'avis') && !reader.has(8, 'hevc') && !reader.has(8, 'msf1')) return 1;
  let inside: Box | undefined = { type: '', start: 0, end: reader.length };
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsz']) {
    inside = inside && findBox(reader, inside.start, inside.end, type);
  }
  return inside && inside.start + 12 <= inside.end ? reader.u32(inside.start + 8) : undefined;
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
