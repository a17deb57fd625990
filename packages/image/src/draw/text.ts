import type { Color } from './class-color.js';
import { type Canvas, fill } from './fill.js';
import type { Font, Glyph } from './font.js';
import { addCurve, type Outline } from './outline.js';

const placeholder = 0x25a1;

/** The shapes of a text's characters; one that the font lacks is a hollow square, and control characters are spaces. */
function glyphsOf(text: string, font: Font): Glyph[] {
  return [...text.normalize('NFC')].map((character) => {
    const codePoint = /\p{Cc}/u.test(character) ? 0x20 : character.codePointAt(0)!;
    return font.glyph(codePoint) ?? font.glyph(placeholder) ?? { advance: 0.6, contours: [] };
  });
}

/** Width of a text in pixels. */
export function textWidth(text: string, size: number, font: Font): number {
  return glyphsOf(text, font).reduce((width, glyph) => width + glyph.advance * size, 0);
}

/** The text, cut to a width in pixels with an ellipsis; empty when not even that fits. */
export function cutText(text: string, size: number, font: Font, width: number): string {
  if (textWidth(text, size, font) <= width) return text;
  const ellipsis = textWidth('…', size, font);
  let kept = '';
  let taken = 0;
  // One character after the other: a caption may be a whole document.
  for (const character of text.normalize('NFC')) {
    taken += textWidth(character, size, font);
    if (taken + ellipsis > width) break;
    kept += character;
  }
  return kept !== '' || ellipsis <= width ? `${kept.trimEnd()}…` : '';
}

/** Draws a line of text whose baseline begins at `x`, `y`; `size` is the em in pixels. */
export function fillText(
  canvas: Canvas,
  text: string,
  x: number,
  y: number,
  { size, font, color }: { size: number; font: Font; color: Color },
): void {
  let pen = x;
  for (const glyph of glyphsOf(text, font)) {
    fill(
      canvas,
      glyph.contours.map((contour) => outlineOf(contour, pen, y, size)),
      color,
    );
    pen += glyph.advance * size;
  }
}

/** A contour with its curves as lines. Between two control points lies a point on the curve, half way. */
function outlineOf(contour: Glyph['contours'][number], x: number, y: number, size: number): Outline {
  const points = contour.map((point) => ({ x: x + point.x * size, y: y + point.y * size, on: point.on }));
  const first = points[0];
  if (first === undefined) return [];
  const outline = [first.x, first.y];
  for (let i = 1; i < points.length; i++) {
    const point = points[i]!;
    const next = points[(i + 1) % points.length]!;
    if (point.on) outline.push(point.x, point.y);
    else if (next.on) addCurve(outline, point.x, point.y, next.x, next.y);
    else addCurve(outline, point.x, point.y, (point.x + next.x) / 2, (point.y + next.y) / 2);
  }
  return outline;
}
