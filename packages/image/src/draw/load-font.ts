/// <reference path="./opentype.d.ts" />
import { PerceptError } from '@percept/core';
import type { PathCommand } from 'opentype.js';
import type { Font, Glyph, GlyphPoint } from './font.js';

/**
 * A TrueType, OpenType or WOFF font for labels in scripts that the built-in one lacks, such as Chinese or Devanagari.
 * Letters stand one after another as they are in the text: no ligatures, no shaping, no writing from right to left.
 *
 * @throws PerceptError `IMAGE_FONT_INVALID` when the bytes are not such a font
 */
export async function loadFont(bytes: Uint8Array): Promise<Font> {
  const module = await import('opentype.js');
  // Node sees a CommonJS module, bundlers an ES one.
  const { parse } = 'parse' in module ? module : (module as { default: typeof module }).default;
  try {
    const font = parse(bytes.slice().buffer);
    const em = font.unitsPerEm;
    const glyphs = new Map<number, Glyph | undefined>();
    return {
      ascent: font.ascender / em,
      descent: -font.descender / em,
      glyph(codePoint) {
        if (!glyphs.has(codePoint)) {
          const character = String.fromCodePoint(codePoint);
          const known = font.charToGlyphIndex(character) > 0;
          const { advanceWidth = 0, path } = font.charToGlyph(character);
          glyphs.set(
            codePoint,
            known ? { advance: advanceWidth / em, contours: contoursOf(path.commands, em) } : undefined,
          );
        }
        return glyphs.get(codePoint);
      },
    };
  } catch (cause) {
    throw new PerceptError(
      'IMAGE_FONT_INVALID',
      `Expected a TrueType, OpenType or WOFF font but received ${bytes.length} bytes that are none: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function contoursOf(commands: readonly PathCommand[], em: number): GlyphPoint[][] {
  const contours: GlyphPoint[][] = [];
  for (const command of commands) {
    const point = (x: number, y: number, on: boolean): GlyphPoint => ({ x: x / em, y: -y / em, on });
    const contour = contours.at(-1) ?? [];
    if (command.type === 'M') contours.push([point(command.x, command.y, true)]);
    else if (command.type === 'L') contour.push(point(command.x, command.y, true));
    else if (command.type === 'Q')
      contour.push(point(command.x1, command.y1, false), point(command.x, command.y, true));
    else if (command.type === 'C') {
      const { x: x0, y: y0 } = contour.at(-1)!;
      contour.push(...quadratics([x0 * em, -y0 * em], command).map(([x, y, on]) => point(x, y, on)));
    }
  }
  return contours;
}

/** A cubic curve, as PostScript outlines have, as four quadratic ones: the difference cannot be seen at label sizes. */
function quadratics([x0, y0]: readonly [number, number], { x1, y1, x2, y2, x, y }: PathCommand) {
  const points: [x: number, y: number, on: boolean][] = [];
  const pieces = 4;
  const at = (a: number, b: number, c: number, d: number, t: number): number => {
    const u = 1 - t;
    return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
  };
  for (let piece = 0; piece < pieces; piece++) {
    const [from, middle, to] = [piece / pieces, (piece + 0.5) / pieces, (piece + 1) / pieces];
    const [sx, sy] = [at(x0, x1, x2, x, from), at(y0, y1, y2, y, from)];
    const [ex, ey] = [at(x0, x1, x2, x, to), at(y0, y1, y2, y, to)];
    const [mx, my] = [at(x0, x1, x2, x, middle), at(y0, y1, y2, y, middle)];
    points.push([2 * mx - (sx + ex) / 2, 2 * my - (sy + ey) / 2, false], [ex, ey, true]);
  }
  return points;
}
