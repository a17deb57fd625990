// Writes src/draw/default-font.generated.ts: the outlines of DejaVu Sans Bold for Latin, Greek and Cyrillic letters, so that
// labels can be drawn where no font can be read. The DejaVu and Bitstream Vera licences allow embedding parts.
//
//     node packages/image/scripts/bake-font.mjs
//
// Layout, per glyph: code point (2 bytes), advance (2), number of contours (1); per contour: number of points (1); per
// point: dx, dy from the point before (1 byte each, signed), in 1/96 em. An off-curve point has the byte 127 before it.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';

const require = createRequire(import.meta.url);
const source = 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf';
const font = opentype.parse(readFileSync(require.resolve(source)).buffer.slice(0));
const units = 96;
const scale = units / font.unitsPerEm;
const ranges = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x384, 0x3ce],
  [0x400, 0x45f],
  [0x2010, 0x2026],
  [0x20ac, 0x20ac],
  [0x2190, 0x2193],
  [0x2212, 0x2212],
  [0x25a1, 0x25a1],
];

const bytes = [];
let glyphs = 0;
for (const [first, last] of ranges) {
  for (let code = first; code <= last; code++) {
    const character = String.fromCodePoint(code);
    if (font.charToGlyphIndex(character) === 0) continue;
    const glyph = font.charToGlyph(character);
    const contours = [];
    for (const { type, x, y, x1, y1 } of glyph.path.commands) {
      const point = (px, py, on) => [Math.round(px * scale), Math.round(-py * scale), on];
      if (type === 'M') contours.push([point(x, y, true)]);
      if (type === 'L') contours.at(-1).push(point(x, y, true));
      if (type === 'Q') contours.at(-1).push(point(x1, y1, false), point(x, y, true));
    }
    const advance = Math.round(glyph.advanceWidth * scale);
    bytes.push(code & 255, code >> 8, advance & 255, advance >> 8, contours.length);
    for (const contour of contours) {
      const points = contour.filter(
        ([px, py], i) => i === 0 || px !== contour[i - 1][0] || py !== contour[i - 1][1] || !contour[i - 1][2],
      );
      bytes.push(points.length);
      let [lastX, lastY] = [0, 0];
      for (const [px, py, on] of points) {
        const [dx, dy] = [px - lastX, py - lastY];
        if (Math.abs(dx) > 126 || Math.abs(dy) > 126) throw new Error(`${character} has a step of ${dx}, ${dy}`);
        if (!on) bytes.push(127);
        bytes.push(dx & 255, dy & 255);
        [lastX, lastY] = [px, py];
      }
    }
    glyphs++;
  }
}
const text = Buffer.from(bytes).toString('base64');
writeFileSync(
  new URL('../src/draw/default-font.generated.ts', import.meta.url),
  `// Written by scripts/bake-font.mjs from ${source}: ${glyphs} glyphs, ${bytes.length} bytes.
// Copyright (c) 2003 by Bitstream, Inc. (Bitstream Vera); DejaVu changes are in the public domain.

/** Reach above and below the baseline, in em. */
export const ascent = ${(font.ascender / font.unitsPerEm).toFixed(4)};
export const descent = ${(-font.descender / font.unitsPerEm).toFixed(4)};
/** Units of the coordinates in an em. */
export const unitsPerEm = ${units};
/** Glyphs as base64; the layout stands in the script. */
export const glyphs =
  '${text}';
`,
);
process.stdout.write(`${glyphs} glyphs, ${bytes.length} bytes\n`);
