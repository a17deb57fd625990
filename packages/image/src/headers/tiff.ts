import { type NumberList, readTiffDirectory, type TiffDirectory } from './exif.js';
import { HeaderReader, type ImageHeader } from './header.js';

/** Most pages that are counted; a file of more is counted as having one more. */
const mostPages = 65_535;

/** Reads the first directory of a TIFF file and counts the directories behind it, one a page (TIFF 6.0). */
export function readTiffHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'tiff');
  const directory = readTiffDirectory(reader, 0, bytes.length);
  if (!directory?.width || !directory.height) return reader.fail('received no image directory with a size');
  const { width, height, orientation, photometric, profile } = directory;
  return {
    format: 'tiff',
    width,
    height,
    orientation: orientation?.value ?? 1,
    bitDepth: photometric === 3 ? 8 : (directory.bitDepth ?? 1),
    alpha: directory.extraSamples,
    frames: countPages(reader, directory.next),
    metadataBytes: directory.profileBytes,
    components: photometric === 5 ? 4 : undefined,
    gray: photometric === 0 || photometric === 1,
    profile,
    damage: hasAllTiles(reader, directory) ? undefined : 'the data ends before its last tile',
  };
}

/** libtiff reports strips that are cut off, but leaves missing tiles to whatever was in memory. */
function hasAllTiles(reader: HeaderReader, { tileOffsets, tileByteCounts }: TiffDirectory): boolean {
  if (tileOffsets === undefined || tileByteCounts === undefined) return true;
  const littleEndian = reader.has(0, 'II');
  const fits = ({ at, count, bytes }: NumberList): boolean => at + count * bytes <= reader.length;
  if (!fits(tileOffsets) || !fits(tileByteCounts)) return false;
  const number = ({ at, bytes }: NumberList, index: number): number =>
    bytes === 2 ? reader.u16(at + index * 2, littleEndian) : reader.u32(at + index * 4, littleEndian);
  for (let i = 0; i < Math.min(tileOffsets.count, tileByteCounts.count); i++) {
    if (number(tileOffsets, i) + number(tileByteCounts, i) > reader.length) return false;
  }
  return true;
}

/** Follows the chain of directories; one that turns back on itself ends at the limit. */
function countPages(reader: HeaderReader, second: number): number | undefined {
  const littleEndian = reader.has(0, 'II');
  let pages = 1;
  for (let at = second; at !== 0 && pages <= mostPages; pages++) {
    if (at + 2 > reader.length) return undefined;
    const after = at + 2 + reader.u16(at, littleEndian) * 12;
    if (after + 4 > reader.length) return undefined;
    at = reader.u32(after, littleEndian);
  }
  return pages;
}
