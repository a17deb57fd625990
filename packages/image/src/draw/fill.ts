// Fills outlines with smooth edges. Each line of an outline adds the area that it covers to the right of itself, signed by
// its direction, into the pixels that it crosses; summed along a row this is how much of each pixel lies inside ("exact
// area coverage", as in FreeType's smooth rasterizer and font-rs). Only + - * / and floor: the same bytes everywhere.
import type { Image } from '@percept/core';
import type { Color } from './class-color.js';
import type { Outline } from './outline.js';

/** An 8-bit RGB or RGBA image that is drawn on. */
export type Canvas = Image<Uint8Array<ArrayBuffer>>;

/** Fills the inside of outlines with a colour; parts outside the image are left out. `opacity` is in 0..1. */
export function fill(canvas: Canvas, outlines: readonly Outline[], color: Color, opacity = 1): void {
  const bounds = boundsOf(outlines, canvas);
  if (bounds === undefined) return;
  const { left, top, width, height } = bounds;
  // One column more takes what lies right of the window.
  const stride = width + 1;
  const cover = new Float32Array(stride * height + 1);
  for (const outline of outlines) {
    for (let i = 0; i < outline.length; i += 2) {
      const j = (i + 2) % outline.length;
      addLine(
        cover,
        stride,
        width,
        height,
        outline[i]! - left,
        outline[i + 1]! - top,
        outline[j]! - left,
        outline[j + 1]! - top,
      );
    }
  }
  const { data, channels } = canvas;
  for (let row = 0; row < height; row++) {
    let sum = 0;
    let at = ((top + row) * canvas.width + left) * channels;
    for (let column = 0; column < width; column++, at += channels) {
      sum += cover[row * stride + column]!;
      const alpha = Math.min(1, Math.abs(sum)) * opacity;
      if (alpha > 0.002) blend(data, at, channels, color, alpha);
    }
  }
}

/** Mixes a colour into one pixel. */
export function blend(data: Uint8Array, at: number, channels: number, color: Color, alpha: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const under = data[at + channel]!;
    data[at + channel] = Math.round(under + (color[channel]! - under) * alpha);
  }
  if (channels === 4) data[at + 3] = Math.round(data[at + 3]! + (255 - data[at + 3]!) * alpha);
}

function boundsOf(outlines: readonly Outline[], { width, height }: Canvas) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (const outline of outlines) {
    for (let i = 0; i < outline.length; i += 2) {
      left = Math.min(left, Math.floor(outline[i]!));
      right = Math.max(right, Math.ceil(outline[i]!));
      top = Math.min(top, Math.floor(outline[i + 1]!));
      bottom = Math.max(bottom, Math.ceil(outline[i + 1]!));
    }
  }
  [left, top, right, bottom] = [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
  return left < right && top < bottom ? { left, top, width: right - left, height: bottom - top } : undefined;
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
