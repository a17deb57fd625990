// Fills outlines with smooth edges. Each line of an outline adds the area that it covers to the right of itself, signed by
// its direction, into the pixels that it crosses; summed along a row this is how much of each pixel lies inside ("exact
// area coverage", as in FreeType's smooth rasterizer and font-rs). Only + - * / and floor: the same bytes everywhere.
import type { Image } from '@percept/core';
import type { Color } from './class-color.js';
import type { Outline } from './outline.js';

/** An 8-bit RGB or RGBA image that is drawn on. */
export type Canvas = Image<Uint8Array<ArrayBuffer>>;

/** Rows that are filled at a time: a long oblique line touches few columns of each band, so little is summed for nothing. */
const bandRows = 32;

/** Fills the inside of outlines with a colour; parts outside the image are left out. `opacity` is in 0..1. */
export function fill(canvas: Canvas, outlines: readonly Outline[], color: Color, opacity = 1): void {
  const { top, bottom } = rowsOf(outlines, canvas.height);
  let cover = new Float32Array(0);
  for (let row = top; row < bottom; row += bandRows) {
    const rows = Math.min(bandRows, bottom - row);
    const { left, right } = columnsOf(outlines, row, row + rows, canvas.width);
    if (left >= right) continue;
    // One column more takes what lies right of the band.
    const stride = right - left + 1;
    const size = stride * rows + 1;
    if (cover.length < size) cover = new Float32Array(size);
    else cover.fill(0, 0, size);
    for (const outline of outlines) addOutline(cover, stride, rows, outline, left, row);
    paintCover(canvas, cover, { left, top: row, stride, rows }, color, opacity);
  }
}

/**
 * Lays a colour over one pixel: Porter and Duff's "over" on straight alpha.
 *
 * @param at - index of its red sample
 * @param alpha - 0..1
 */
export function blend(data: Uint8Array, at: number, channels: number, color: Color, alpha: number): void {
  let share = alpha;
  if (channels === 4 && data[at + 3] !== 255) {
    const under = (data[at + 3]! / 255) * (1 - alpha);
    // Of two see-through colours the one above counts by its part of the opacity of both.
    share = alpha / (alpha + under);
    data[at + 3] = Math.round((alpha + under) * 255);
  }
  for (let channel = 0; channel < 3; channel++) {
    const under = data[at + channel]!;
    data[at + channel] = Math.round(under + (color[channel]! - under) * share);
  }
}

interface Band {
  readonly left: number;
  readonly top: number;
  readonly stride: number;
  readonly rows: number;
}

function paintCover(
  { data, channels, width }: Canvas,
  cover: Float32Array,
  { left, top, stride, rows }: Band,
  color: Color,
  opacity: number,
): void {
  const solid = new Uint8Array((stride - 1) * channels).fill(255);
  for (let at = 0; at < solid.length; at += channels) solid.set(color, at);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    const from = row * stride;
    const start = ((top + row) * width + left) * channels;
    for (let column = 0; column < stride - 1; ) {
      sum += cover[from + column]!;
      const first = column++;
      // As long as no outline is crossed, all pixels are covered alike.
      while (column < stride - 1 && cover[from + column] === 0) column++;
      const inside = sum < 0 ? -sum : sum;
      const alpha = Math.min(inside, 1) * opacity;
      // Sums are off by a little; above 0.999 what is below changes no sample.
      if (alpha > 0.999) data.set(solid.subarray(first * channels, column * channels), start + first * channels);
      else if (alpha > 0.002) {
        for (let pixel = first; pixel < column; pixel++) blend(data, start + pixel * channels, channels, color, alpha);
      }
    }
  }
}

/** The rows of an image that outlines reach into. */
function rowsOf(outlines: readonly Outline[], height: number): { top: number; bottom: number } {
  let [top, bottom] = [height, 0];
  for (const outline of outlines) {
    for (let i = 1; i < outline.length; i += 2) {
      top = Math.min(top, Math.floor(outline[i]!));
      bottom = Math.max(bottom, Math.ceil(outline[i]!));
    }
  }
  return { top: Math.max(0, top), bottom: Math.min(height, bottom) };
}

/** The columns that outlines reach into between two rows. */
function columnsOf(outlines: readonly Outline[], top: number, bottom: number, width: number) {
  let [left, right] = [width, 0];
  for (const outline of outlines) {
    for (let i = 0; i < outline.length; i += 2) {
      const j = i + 2 === outline.length ? 0 : i + 2;
      const [x0, y0, x1, y1] = [outline[i]!, outline[i + 1]!, outline[j]!, outline[j + 1]!];
      if (Math.max(y0, y1) <= top || Math.min(y0, y1) >= bottom) continue;
      const at = (y: number) =>
        y0 === y1 ? x0 : x0 + ((Math.min(bottom, Math.max(top, y)) - y0) / (y1 - y0)) * (x1 - x0);
      const [a, b] = y0 === y1 ? [x0, x1] : [at(y0), at(y1)];
      left = Math.min(left, Math.floor(Math.min(a, b)));
      right = Math.max(right, Math.ceil(Math.max(a, b)));
    }
  }
  return { left: Math.max(0, left), right: Math.min(width, right) };
}

function addOutline(
  cover: Float32Array,
  stride: number,
  rows: number,
  outline: Outline,
  left: number,
  top: number,
): void {
  for (let i = 0; i < outline.length; i += 2) {
    const j = i + 2 === outline.length ? 0 : i + 2;
    const [y0, y1] = [outline[i + 1]! - top, outline[j + 1]! - top];
    if (Math.max(y0, y1) <= 0 || Math.min(y0, y1) >= rows) continue;
    addLine(cover, stride, stride - 1, rows, outline[i]! - left, y0, outline[j]! - left, y1);
  }
}

function addLine(
  cover: Float32Array,
  stride: number,
  width: number,
  height: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): void {
  if (y0 === y1) return;
  const sign = y0 < y1 ? 1 : -1;
  const [ax, ay, bx, by] = y0 < y1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0];
  const slope = (bx - ax) / (by - ay);
  // Beyond the sides a line counts as upright at the side: it is cut where it crosses them.
  const cuts = [0, width].map((side) => ay + (side - ax) / slope).filter((y) => y > ay && y < by);
  const ends = [ay, ...cuts.sort((a, b) => a - b), by];
  for (let piece = 1; piece < ends.length; piece++) {
    const [start, end] = [ends[piece - 1]!, ends[piece]!];
    const last = Math.min(height, Math.ceil(end));
    for (let row = Math.max(0, Math.floor(start)); row < last; row++) {
      const from = Math.max(start, row);
      const to = Math.min(end, row + 1);
      const xa = clamp(ax + (from - ay) * slope, width);
      const xb = clamp(ax + (to - ay) * slope, width);
      addSpan(cover, row * stride, (to - from) * sign, Math.min(xa, xb), Math.max(xa, xb));
    }
  }
}

/** Adds the area right of a line that crosses one row from `left` to `right` and has the height `span` there. */
function addSpan(cover: Float32Array, row: number, span: number, left: number, right: number): void {
  const first = Math.floor(left);
  const end = Math.ceil(right);
  if (end <= first + 1) {
    const area = span * (1 - (left + right) / 2 + first);
    cover[row + first]! += area;
    cover[row + first + 1]! += span - area;
    return;
  }
  const perPixel = span / (right - left);
  const start = first + 1 - left;
  let before = 0;
  for (let column = first; column < end; column++) {
    // Height passed once the line leaves this column, and the area left of it inside the column.
    const x = Math.min(column + 1, right) - left;
    const entered = Math.max(0, column - left);
    const inside = x - entered;
    const offset = column === first ? 1 - start : 0;
    const area = perPixel * (entered + inside * (1 - offset - inside / 2));
    cover[row + column]! += area - before;
    before = area;
  }
  cover[row + end]! += span - before;
}

function clamp(x: number, width: number): number {
  return Math.min(width, Math.max(0, x));
}
