import { crc32 } from './crc32.js';

/** A PNG taken apart, before inflating. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  /** 1, 2, 4, 8 or 16. */
  readonly bitDepth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colorType: number;
  readonly interlaced: boolean;
  /** RGB triples. */
  readonly palette: Uint8Array;
  /** The `tRNS` chunk: palette alphas, or the colour that is transparent. */
  readonly transparency: Uint8Array | undefined;
  /** The zlib stream of all `IDAT` chunks. */
  readonly compressed: Uint8Array;
}

const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/**
 * Splits a PNG into its parts, checking lengths, order and the CRC of every chunk that matters.
 *
 * @param fail - throws, told what is wrong
 */
export function readPngParts(bytes: Uint8Array, fail: (problem: string) => never): PngParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  let palette = new Uint8Array(0);
  let transparency: Uint8Array | undefined;

  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) fail('the data ends before its IEND chunk');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) fail(`the data ends inside a chunk of type ${JSON.stringify(type)}`);
    const body = bytes.subarray(at + 8, end);
    const used = type === 'IHDR' || type === 'PLTE' || type === 'tRNS' || type === 'IDAT' || type === 'IEND';
    if (used && crc32(bytes, at + 4, end) !== view.getUint32(end)) fail(`the checksum of a ${type} chunk is wrong`);
    if (type === 'PLTE') palette = new Uint8Array(body);
    else if (type === 'tRNS') transparency = body;
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND') break;
    at = end + 4;
  }

  const [bitDepth, colorType, compression, filter, interlace] = bytes.subarray(24, 29);
  if (view.getUint32(8) !== 13 || !depths[colorType!]?.includes(bitDepth!) || compression || filter || interlace! > 1) {
    fail(`its header asks for colour type ${colorType} of ${bitDepth} bits, which PNG does not have`);
  }
  if (data.length === 0) fail('it has no IDAT chunk');
  if (colorType === 3 && palette.length < 3) fail('it has no palette');
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    bitDepth: bitDepth!,
    colorType: colorType!,
    interlaced: interlace === 1,
    palette,
    transparency,
    compressed: data.length === 1 ? data[0]! : join(data),
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
