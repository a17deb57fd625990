import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { rasterize } from '#rasterize';
import { base64, imageType } from './embedded-image.js';
import { escapeXml } from './escape-xml.js';
import { plainText } from './plain-text.js';
import type { Plot } from './plot.js';
import { recolorSvg } from './recolor.js';
import { cutText, wrapText } from './text-layout.js';
import { colors, fontFamily, fontSize, margin } from './theme.js';

/** A picture of {@link contactSheet}. */
export interface ContactSheetPicture {
  /** A PNG, JPEG, GIF or WebP file. */
  bytes: Uint8Array;
  /** What stands below it. A line break starts a new line; three lines at most are shown. */
  caption: string;
}

/** Options of {@link contactSheet}. */
export interface ContactSheetOptions {
  title: string;
  /** In rows from the left, 1000 at most. */
  pictures: readonly ContactSheetPicture[];
  /** Pictures side by side, 1..20. Default 5. */
  columns?: number;
  /** Width and height that each picture is fitted into, in pixels, 32..1024. Default 128. */
  size?: number;
}

const schema = z.strictObject({
  title: z.string(),
  pictures: z
    .array(
      z.strictObject({
        bytes: z.custom<Uint8Array>(
          (value) => value instanceof Uint8Array && imageType(value) !== undefined,
          'the bytes of a PNG, JPEG, GIF or WebP file',
        ),
        caption: z.string(),
      }),
    )
    .max(1000),
  columns: z.int().min(1).max(20).default(5),
  size: z.int().min(32).max(1024).default(128),
});
const drawingSchema = z.strictObject({
  theme: z.enum(['light', 'dark']).default('light'),
  scale: z.number().min(0.1).max(8).default(2),
});

const gap = 14;
const lineHeight = 16;
const captionSize = 12;
const mostLines = 3;

/**
 * Pictures with their captions on one sheet: the mistakes of a model, samples of a class. The files are embedded as they
 * are, so the sheet needs nothing else; keep them small.
 *
 * @returns what can stand in a section of `htmlPage` as its `plot`, or be saved by itself
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, also of its functions
 */
export function contactSheet(options: ContactSheetOptions): Pick<Plot, 'toSvg' | 'toPng'> {
  const { title, pictures, columns, size } = parseOptions(schema, options, 'contactSheet() options');
  const across = Math.max(1, Math.min(columns, pictures.length));
  const width = Math.max(240, 2 * margin + across * size + (across - 1) * gap);
  const titleLines = wrapText(plainText(title), fontSize.title, width - 2 * margin);
  const captions = pictures.map(({ caption }) => captionLines(caption, size));
  const parts: string[] = titleLines.map((line, i) => {
    const y = margin + (i + 1) * (fontSize.title + 6) - 8;
    return `<text x="${margin}" y="${y}" font-size="${fontSize.title}" font-weight="600" fill="${colors.title}">${escapeXml(line)}</text>`;
  });
  let top = margin + titleLines.length * (fontSize.title + 6) + 6;
  for (let start = 0; start < pictures.length; start += across) {
    const row = pictures.slice(start, start + across);
    for (const [column, { bytes }] of row.entries()) {
      const x = margin + column * (size + gap);
      const lines = captions[start + column]!;
      parts.push(
        `<rect x="${x}" y="${top}" width="${size}" height="${size}" fill="${colors.grid}"/>`,
        `<image x="${x}" y="${top}" width="${size}" height="${size}" preserveAspectRatio="xMidYMid meet" href="data:${imageType(bytes)};base64,${base64(bytes)}"/>`,
        ...lines.map((line, i) => {
          const y = top + size + (i + 1) * lineHeight;
          return `<text x="${x}" y="${y}" font-size="${captionSize}" fill="${colors.text}">${escapeXml(line)}</text>`;
        }),
      );
    }
    const most = Math.max(...row.map((_, column) => captions[start + column]!.length));
    top += size + most * lineHeight + gap;
  }
  const height = top - gap + margin;
  const label = escapeXml(plainText(title));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escapeXml(fontFamily)}" role="img" aria-label="${label}"><rect width="${width}" height="${height}" fill="${colors.background}"/>${parts.join('')}</svg>`;
  return {
    toSvg(given = {}) {
      const { theme } = parseOptions(drawingSchema.omit({ scale: true }), given, 'toSvg() options');
      return recolorSvg(svg, theme);
    },
    async toPng(given = {}) {
      const { theme, scale } = parseOptions(drawingSchema, given, 'toPng() options');
      return rasterize({ svg: recolorSvg(svg, theme), width, height }, scale);
    },
  };
}

function captionLines(caption: string, width: number): string[] {
  const lines = caption.split('\n').flatMap((line) => wrapText(plainText(line), captionSize, width));
  if (lines.length <= mostLines) return lines;
  const last = cutText(`${lines[mostLines - 1]}…`, captionSize, width);
  return [...lines.slice(0, mostLines - 1), last];
}
