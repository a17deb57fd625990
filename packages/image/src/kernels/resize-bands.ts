// Drives the resize kernels band by band, so that source rows, resampled rows and results stay in the processor's cache
// and large photos need little memory. Rows that two bands share are resampled once and moved to the front.
import type { Image, ResizeFilter } from '@percept/core';
import type { Rectangle } from './pad.js';
import { preprocessKernels } from './preprocess.generated.js';
import { type AxisPlan, axisPlan } from './resize-plan.js';
import { reserve, write } from './runtime.js';

/** A resize of 8-bit pixels: the part `window` of the image resized to `width` × `height`. */
export interface ResizeRequest {
  readonly width: number;
  readonly height: number;
  readonly filter: ResizeFilter;
  readonly antialias: boolean;
  readonly window: Rectangle;
}

/** Rows `top … top + rows - 1` of the window, packed in the module's memory at `pointer`; `extra` is the caller's area. */
export interface Band {
  readonly pointer: number;
  readonly top: number;
  readonly rows: number;
  readonly extra: number;
}

/** Bytes of source rows that a band takes up, unless one output row needs more. */
const bandBytes = 2 ** 18;
/** Rows farther apart than this are copied one by one. */
const dense = 0.5;

/**
 * Resizes, handing over each band of finished rows.
 *
 * @param extraBytes - how many bytes of memory the caller needs: as many per output row of a band, and some
 */
export function resizeBands(
  image: Image<Uint8Array>,
  { width, height, filter, antialias, window }: ResizeRequest,
  extraBytes: { readonly perRow: number; readonly once: number },
  onBand: (band: Band) => void,
): void {
  const { channels, data } = image;
  const across = { from: image.width, to: width, first: window.left, count: window.width };
  const down = { from: image.height, to: height, first: window.top, count: window.height };
  const columns = axisPlan(across, filter, antialias, channels === 1 ? 8 : 2, channels);
  const rows = axisPlan(down, filter, antialias, 2, 1);
  const sourceRow = image.width * channels;
  const outRow = window.width * channels;
  const laneRow = Math.ceil((window.width * (channels === 1 ? 2 : 8)) / 32) * 32;
  const bands = splitRows(rows, sourceRow, filter !== 'nearest');
  const offsets = new Int32Array(Math.max(bands.mostRows, bands.mostNeeded));

  const [xTable, yTable, offsetList, source, lanes, out, extra] = reserve(
    columns.table.length,
    rows.table.length,
    offsets.byteLength,
    bands.mostSpan * sourceRow + columns.taps * channels,
    filter === 'nearest' ? 0 : (bands.mostNeeded + rows.taps) * laneRow,
    bands.mostRows * outRow,
    bands.mostRows * extraBytes.perRow + extraBytes.once,
  );
  const kernels = preprocessKernels();
  write(xTable, columns.table);
  write(yTable, rows.table);
  const xUpper = xTable + columns.upperAt;
  const xLower = columns.exact ? xTable + columns.lowerAt : 0;

  /** Which of the needed rows lie in `lanes`. */
  let first = 0;
  let end = 0;
  for (const { top, bottom } of bands.list) {
    const from = rows.first[top]!;
    const to = rows.end[bottom - 1]!;
    const count = bottom - top;
    if (filter === 'nearest') {
      loadRows(data, sourceRow, rows.needed, from, to, source, offsets);
      const places = offsets.slice(0, to - from);
      for (let y = 0; y < count; y++) offsets[y] = places[rows.first[top + y]! - from]!;
      write(offsetList, offsets);
      kernels.takePixels(source, offsetList, count, xTable, window.width, channels, out);
    } else {
      if (from > first && end > from) {
        kernels.moveBytes(lanes, lanes + (from - first) * laneRow, (end - from) * laneRow);
      }
      first = from;
      const begin = Math.max(end, from);
      if (to > begin) {
        loadRows(data, sourceRow, rows.needed, begin, to, source, offsets);
        write(offsetList, offsets);
        kernels.resizeRows(
          source,
          offsetList,
          to - begin,
          channels,
          xTable,
          xUpper,
          xLower,
          columns.taps,
          lanes + (begin - first) * laneRow,
          laneRow,
          window.width,
        );
        end = to;
      }
      for (let y = 0; y < count; y++) offsets[y] = (rows.first[top + y]! - first) * laneRow;
      write(offsetList, offsets);
      const skipped = top * rows.taps * 2;
      kernels.resizeColumns(
        lanes,
        laneRow,
        channels,
        offsetList,
        yTable + rows.upperAt + skipped,
        rows.exact ? yTable + rows.lowerAt + skipped : 0,
        rows.taps,
        out,
        outRow,
        count,
      );
    }
    onBand({ pointer: out, top, rows: count, extra });
  }
}

/** Copies the needed rows `begin … end - 1` to `pointer`, and notes the offset of each. */
function loadRows(
  data: Uint8Array,
  rowBytes: number,
  needed: Int32Array,
  begin: number,
  end: number,
  pointer: number,
  offsets: Int32Array,
): void {
  const top = needed[begin]!;
  const bottom = needed[end - 1]! + 1;
  if (end - begin >= (bottom - top) * dense) {
    write(pointer, data.subarray(top * rowBytes, bottom * rowBytes));
    for (let i = begin; i < end; i++) offsets[i - begin] = (needed[i]! - top) * rowBytes;
    return;
  }
  for (let i = begin; i < end; i++) {
    const row = needed[i]!;
    write(pointer + (i - begin) * rowBytes, data.subarray(row * rowBytes, (row + 1) * rowBytes));
    offsets[i - begin] = (i - begin) * rowBytes;
  }
}

interface Bands {
  readonly list: readonly { readonly top: number; readonly bottom: number }[];
  /** Most output rows, most needed source rows, and most source rows from the first loaded to the last, of any band. */
  readonly mostRows: number;
  readonly mostNeeded: number;
  readonly mostSpan: number;
}

/** Cuts the output rows into bands that load at most `bandBytes` of source rows; with `reuse` a row is loaded once. */
function splitRows({ first, end, needed }: AxisPlan, sourceRow: number, reuse: boolean): Bands {
  const list: { top: number; bottom: number }[] = [];
  let mostRows = 0;
  let mostNeeded = 0;
  let mostSpan = 0;
  let loaded = 0;
  const height = first.length;
  for (let top = 0; top < height; ) {
    const begin = Math.max(loaded, first[top]!);
    const span = (bottom: number): number => {
      const last = end[bottom - 1]!;
      return last > begin ? needed[last - 1]! + 1 - needed[begin]! : 0;
    };
    let bottom = top + 1;
    while (bottom < height && span(bottom + 1) * sourceRow <= bandBytes) bottom++;
    mostRows = Math.max(mostRows, bottom - top);
    mostNeeded = Math.max(mostNeeded, end[bottom - 1]! - first[top]!, bottom - top);
    mostSpan = Math.max(mostSpan, span(bottom));
    if (reuse) loaded = end[bottom - 1]!;
    list.push({ top, bottom });
    top = bottom;
  }
  return { list, mostRows, mostNeeded, mostSpan };
}
