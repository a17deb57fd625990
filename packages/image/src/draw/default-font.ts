import { ascent, descent, glyphs, unitsPerEm } from './default-font.generated.js';
import type { Font, Glyph, GlyphPoint } from './font.js';

let table: ReadonlyMap<number, Glyph> | undefined;

/** DejaVu Sans Bold with Latin, Greek and Cyrillic letters; unpacked when it is used first. */
export const defaultFont: Font = {
  ascent,
  descent,
  glyph(codePoint) {
    table ??= unpack();
    return table.get(codePoint);
  },
};

const offCurve = 127;

function unpack(): Map<number, Glyph> {
  const bytes = Uint8Array.from(atob(glyphs), (character) => character.charCodeAt(0));
  const unpacked = new Map<number, Glyph>();
  let at = 0;
  const next = (): number => bytes[at++]!;
  const step = (): number => (next() << 24) >> 24;
  while (at < bytes.length) {
    const codePoint = next() | (next() << 8);
    const advance = (next() | (next() << 8)) / unitsPerEm;
    const contours = Array.from({ length: next() }, () => {
      let [x, y] = [0, 0];
      return Array.from({ length: next() }, (): GlyphPoint => {
        const on = bytes[at] !== offCurve;
        if (!on) at++;
        x += step();
        y += step();
        return { x: x / unitsPerEm, y: y / unitsPerEm, on };
      });
    });
    unpacked.set(codePoint, { advance, contours });
  }
  return unpacked;
}
