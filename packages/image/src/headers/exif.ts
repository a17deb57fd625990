import type { HeaderReader } from './header.js';

/** The fields of a TIFF image file directory that say how pixels are stored (TIFF 6.0, EXIF 2.32). */
export interface TiffDirectory {
  readonly width?: number;
  readonly height?: number;
  readonly orientation?: { readonly value: number; readonly offset: number; readonly littleEndian: boolean };
  /** 0 and 1 are grey, 2 RGB, 3 palette, 5 CMYK. */
  readonly photometric?: number;
  /** Bits of the first sample of a pixel. */
  readonly bitDepth?: number;
  /** Extra samples, such as alpha, come after the colours. */
  readonly extraSamples: boolean;
  readonly profile: boolean;
  /** Bytes of the ICC profile. */
  readonly profileBytes: number;
  /** Where the lists of the tiles' offsets and byte counts stand, if the image is stored in tiles. */
  readonly tileOffsets?: NumberList;
  readonly tileByteCounts?: NumberList;
  /** Where the next directory stands, 0 after the last one. */
  readonly next: number;
}

/** An array of 16- or 32-bit numbers in the file. */
export interface NumberList {
  readonly at: number;
  readonly count: number;
  readonly bytes: 2 | 4;
}

const fields = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  photometric: 262,
  orientation: 274,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  profile: 34675,
};

/**
 * Reads the first directory of the TIFF structure that begins at `start` (a TIFF file, or the payload of an EXIF
 * block). Entries that point outside `end` are ignored, as EXIF in the wild is often damaged.
 *
 * @returns `undefined` when there is no TIFF structure
 */
export function readTiffDirectory(reader: HeaderReader, start: number, end: number): TiffDirectory | undefined {
  if (start + 8 > end || end > reader.length) return undefined;
  const littleEndian = reader.has(start, 'II');
  if (!littleEndian && !reader.has(start, 'MM')) return undefined;
  if (reader.u16(start + 2, littleEndian) !== 42) return undefined;
  const directory = start + reader.u32(start + 4, littleEndian);
  if (directory + 2 > end) return undefined;

  const count = reader.u16(directory, littleEndian);
  const after = directory + 2 + count * 12;
  const result: { -readonly [Field in keyof TiffDirectory]: TiffDirectory[Field] } = {
    extraSamples: false,
    profile: false,
    profileBytes: 0,
    next: after + 4 <= end ? reader.u32(after, littleEndian) : 0,
  };
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > end) break;
    const tag = reader.u16(entry, littleEndian);
    const type = reader.u16(entry + 2, littleEndian);
    const length = reader.u32(entry + 4, littleEndian);
    const value = type === 4 ? reader.u32(entry + 8, littleEndian) : reader.u16(entry + 8, littleEndian);
    if (tag === fields.width) result.width = value;
    else if (tag === fields.height) result.height = value;
    else if (tag === fields.photometric) result.photometric = value;
    else if (tag === fields.extraSamples) result.extraSamples = true;
    else if (tag === fields.bitsPerSample) {
      // More than two do not fit into the entry, which then holds their offset.
      const at = start + reader.u32(entry + 8, littleEndian);
      if (length <= 2) result.bitDepth = value;
      else if (at + 2 <= end) result.bitDepth = reader.u16(at, littleEndian);
    } else if (tag === fields.profile) {
      result.profile = true;
      result.profileBytes = length;
    } else if (tag === fields.tileOffsets || tag === fields.tileByteCounts) {
      const bytes = type === 3 ? 2 : 4;
      // What does not fit into the entry stands elsewhere.
      const at = length * bytes <= 4 ? entry + 8 : start + reader.u32(entry + 8, littleEndian);
      result[tag === fields.tileOffsets ? 'tileOffsets' : 'tileByteCounts'] = { at, count: length, bytes };
    } else if (tag === fields.orientation && type === 3 && value >= 1 && value <= 8) {
      result.orientation = { value, offset: entry + 8, littleEndian };
    }
  }
  return result;
}

/** The header fields that an EXIF block at `[start, end)` contributes; a missing or damaged one means upright. */
export function exifOrientation(
  reader: HeaderReader,
  start: number,
  end: number,
): { orientation: number; orientationAt?: { offset: number; littleEndian: boolean } } {
  const found = readTiffDirectory(reader, start, Math.min(end, reader.length))?.orientation;
  if (found === undefined) return { orientation: 1 };
  return { orientation: found.value, orientationAt: { offset: found.offset, littleEndian: found.littleEndian } };
}
