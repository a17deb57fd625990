import { type Color, readableOn } from './class-color.js';
import { type Canvas, fill } from './fill.js';
import type { Font } from './font.js';
import { rectangle } from './outline.js';
import { cutText, fillText, textWidth } from './text.js';

/** A rectangle in pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Draws a line of text on a filled background whose top left corner is given; black or white, as reads better. */
export function drawTag(
  canvas: Canvas,
  text: string,
  { left, top }: { left: number; top: number },
  { size, font, color }: { size: number; font: Font; color: Color },
): void {
  const { width, height } = tagSize(canvas, text, size, font);
  const padding = paddingOf(size);
  fill(canvas, [rectangle(left, top, left + width, top + height)], color);
  const shown = cutText(text, size, font, width - 2 * padding + 0.01);
  // Capitals are about 0.73 em high; they stand in the middle.
  fillText(canvas, shown, left + padding, top + height / 2 + size * 0.365, { size, font, color: readableOn(color) });
}

/** How large a text with its background is, never wider than the image. */
export function tagSize(canvas: Canvas, text: string, size: number, font: Font): { width: number; height: number } {
  const padding = paddingOf(size);
  const width = Math.ceil(textWidth(text, size, font) + 2 * padding);
  return { width: Math.min(width, canvas.width), height: Math.ceil(size * 1.3) };
}

/**
 * Where the label of a box stands: above it, else below it, inside at its top, or inside at its bottom, at its left side or
 * else at its right, whichever is first to be inside the image and free of other labels; where none is, the place that
 * covers least of them.
 */
export function placeTag(
  canvas: Canvas,
  tag: { width: number; height: number },
  box: Rectangle,
  taken: readonly Rectangle[],
): Rectangle {
  const within = (value: number, most: number) => Math.max(0, Math.min(Math.round(value), most));
  const lefts = [box.left, box.left + box.width - tag.width].map((left) => within(left, canvas.width - tag.width));
  const tops = [box.top - tag.height, box.top + box.height, box.top, box.top + box.height - tag.height].map(Math.round);
  const inside = tops.filter((top) => top >= 0 && top + tag.height <= canvas.height);
  const rows = inside.length > 0 ? inside : [within(box.top, canvas.height - tag.height)];
  const places = lefts.flatMap((left) => rows.map((top) => ({ left, top, ...tag })));
  let best = places[0]!;
  let leastCovered = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const covered = taken.reduce((area, other) => area + shared(place, other), 0);
    if (covered >= leastCovered) continue;
    best = place;
    leastCovered = covered;
  }
  return best;
}

function paddingOf(size: number): number {
  return Math.round(size * 0.3);
}

/** The area that two rectangles share. */
function shared(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}
