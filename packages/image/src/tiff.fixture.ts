/** What {@link tiff} writes: interleaved samples, stored plainly in one strip or in tiles. */
export interface TiffSpec {
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel, and bits of a sample: 8, 16 or 32. */
  readonly samples: number;
  readonly bits: number;
  /** 1 grey, 2 RGB, 5 CMYK. */
  readonly photometric: number;
  readonly data: Uint8Array | Uint16Array | Float32Array;
  /** Side of square tiles that hold whole pixels; without it, one strip. */
  readonly tile?: number;
}

const word = 3;
const long = 4;

/** A field, whose values may depend on where the pixels begin. */
type Entry = [tag: number, type: number, values: (base: number) => readonly number[]];

/** A little-endian TIFF 6.0 file whose pixels come last. */
export function tiff({ width, height, samples, bits, photometric, data, tile }: TiffSpec): Uint8Array {
  const pixel = (samples * bits) / 8;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const blocks = tile === undefined ? [bytes] : tilesOf(bytes, width * pixel, height, pixel, tile);
  const size = blocks[0]!.length;
  const extra = samples - (photometric === 5 ? 4 : photometric === 2 ? 3 : 1);
  const offsets = (base: number): number[] => blocks.map((_, i) => base + i * size);
  const counts = (): number[] => blocks.map(() => size);
  const each = (value: number, count: number) => (): number[] => new Array<number>(count).fill(value);
  const entries: Entry[] = [
    [256, long, each(width, 1)],
    [257, long, each(height, 1)],
    [258, word, each(bits, samples)],
    [259, word, each(1, 1)],
    [262, word, each(photometric, 1)],
  ];
  if (tile === undefined) entries.push([273, long, offsets]);
  entries.push([277, word, each(samples, 1)]);
  if (tile === undefined) entries.push([278, long, each(height, 1)], [279, long, counts]);
  else entries.push([322, long, each(tile, 1)], [323, long, each(tile, 1)], [324, long, offsets], [325, long, counts]);
  if (extra > 0) entries.push([338, word, each(2, extra)]);
  if (data instanceof Float32Array) entries.push([339, word, each(3, samples)]);

  const lengths = entries.map(([, type, values]) => values(0).length * (type === word ? 2 : 4));
  const listsAt = 8 + 2 + entries.length * 12 + 4;
  const base = listsAt + lengths.reduce((sum, length) => sum + (length > 4 ? length : 0), 0);
  const out = new Uint8Array(base + blocks.length * size);
  const view = new DataView(out.buffer);
  out.set([0x49, 0x49, 42, 0, 8]);
  view.setUint16(8, entries.length, true);
  let list = listsAt;
  for (const [i, [tag, type, values]] of entries.entries()) {
    const at = 10 + i * 12;
    const numbers = values(base);
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, numbers.length, true);
    const far = lengths[i]! > 4;
    if (far) view.setUint32(at + 8, list, true);
    let to = far ? list : at + 8;
    for (const number of numbers) {
      if (type === word) view.setUint16(to, number, true);
      else view.setUint32(to, number, true);
      to += type === word ? 2 : 4;
    }
    if (far) list += lengths[i]!;
  }
  for (const [i, block] of blocks.entries()) out.set(block, base + i * size);
  return out;
}

/** The image cut into tiles, those at the edges filled up with zeros. */
function tilesOf(bytes: Uint8Array, row: number, height: number, pixel: number, side: number): Uint8Array[] {
  const tiles: Uint8Array[] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < row; left += side * pixel) {
      const tile = new Uint8Array(side * side * pixel);
      for (let y = top; y < Math.min(height, top + side); y++) {
        const end = Math.min(row, left + side * pixel);
        tile.set(bytes.subarray(y * row + left, y * row + end), (y - top) * side * pixel);
      }
      tiles.push(tile);
    }
  }
  return tiles;
}
