import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { resizeImage } from '../resize.js';
import { blankCanvas, canvasOf } from './canvas.js';
import { type Color, readableOn, requireColor } from './class-color.js';
import { defaultFont } from './default-font.js';
import { blend, type Canvas } from './fill.js';
import type { Font } from './font.js';
import { cutText, fillText, textWidth } from './text.js';

/** A picture of a {@link contactSheet}. */
export interface SheetEntry {
  /** 8-bit, of any size and number of channels. */
  readonly image: Image;
  /** What stands below it; cut with an ellipsis when it is too long. */
  readonly caption?: string;
  /** Colour of the caption, such as green and red for right and wrong. Default: black or white, as reads better. */
  readonly color?: Color;
}

/** Options of {@link contactSheet}. */
export interface ContactSheetOptions {
  /** Pictures in a row. Default: as many as make the sheet about square, at most 12. */
  columns?: number;
  /** Side of the square that each picture is fitted into, in pixels, 16..1024. Default 128. */
  cellSize?: number;
  /** Pixels between pictures, 0..128. Default 8. */
  gap?: number;
  /** Default white. */
  background?: Color;
  /** Size of letters (the em) in pixels. Default 12. */
  fontSize?: number;
  /** Shapes of letters; see {@link AnnotateOptions}. */
  font?: Font;
}

const byte = z.number().check(z.gte(0), z.lte(255));
const color = z.tuple([byte, byte, byte]);
const schema = z.strictObject({
  columns: z.optional(z.int().check(z.gte(1), z.lte(256))),
  cellSize: z._default(z.int().check(z.gte(16), z.lte(1024)), 128),
  gap: z._default(z.int().check(z.gte(0), z.lte(128)), 8),
  background: z._default(color, [255, 255, 255]),
  fontSize: z._default(z.number().check(z.gte(4)), 12),
  font: z.optional(
    z.custom<Font>((value) => typeof (value as Font | null)?.glyph === 'function', 'a font of loadFont()'),
  ),
});

/** A sheet may have as many pixels as an image of 10,000 × 10,000. */
const mostPixels = 1e8;

/**
 * Many pictures on one sheet, row by row, each fitted into a square with its caption below: a glance at a class, at the
 * mistakes of a model, at what augmentation does.
 *
 * @returns an RGB image
 * @throws PerceptError `INVALID_ARGUMENT` without pictures, for one that is not 8-bit, for options out of range, or when
 *   the sheet would have more than 100 million pixels
 */
export function contactSheet(
  entries: readonly SheetEntry[],
  options: ContactSheetOptions = {},
): Image<Uint8Array<ArrayBuffer>> {
  const checked = parseOptions(schema, options, 'contactSheet() options');
  const { cellSize, gap, background, fontSize, font = defaultFont } = checked;
  if (entries.length === 0) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected at least one picture for contactSheet() but received none');
  }
  const columns = Math.min(entries.length, checked.columns ?? Math.min(12, Math.ceil(Math.sqrt(entries.length))));
  const rows = Math.ceil(entries.length / columns);
  const captions = entries.some(({ caption }) => caption !== undefined);
  const rowHeight = cellSize + (captions ? Math.ceil(fontSize * 1.5) : 0) + gap;
  const [width, height] = [columns * (cellSize + gap) + gap, rows * rowHeight + gap];
  if (width * height > mostPixels) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a sheet of at most ${mostPixels} pixels but received ${entries.length} pictures that make one of ${width} × ${height}. Use fewer pictures or a smaller cellSize`,
    );
  }
  const sheet = blankCanvas(width, height, background);
  for (const [index, { image, caption = '', color: ink = readableOn(background) }] of entries.entries()) {
    const left = gap + (index % columns) * (cellSize + gap);
    const top = gap + Math.floor(index / columns) * rowHeight;
    place(sheet, fit(canvasOf(image), cellSize), left, top, cellSize);
    requireColor(ink, `picture ${index}`);
    const text = cutText(caption, fontSize, font, cellSize);
    const indent = (cellSize - textWidth(text, fontSize, font)) / 2;
    fillText(sheet, text, left + indent, top + cellSize + fontSize * 1.1, { size: fontSize, font, color: ink });
  }
  return sheet;
}

/** The image at a size that touches the sides of the square; small ones are enlarged by whole factors, pixel by pixel. */
function fit(image: Canvas, side: number): Image<Uint8Array> {
  const longest = Math.max(image.width, image.height);
  if (longest === side) return image;
  const factor = longest < side ? Math.floor(side / longest) : side / longest;
  const [width, height] = [image.width, image.height].map((pixels) => Math.max(1, Math.round(pixels * factor)));
  return resizeImage(image, {
    width: width!,
    height: height!,
    filter: factor > 1 ? 'nearest' : 'bilinear',
  }) as Image<Uint8Array>;
}

function place(sheet: Canvas, image: Image<Uint8Array>, left: number, top: number, side: number): void {
  const { width, height, channels, data } = image;
  const [x, y] = [left + ((side - width) >> 1), top + ((side - height) >> 1)];
  for (let row = 0; row < height; row++) {
    if (channels === 3) {
      const line = data.subarray(row * width * 3, (row + 1) * width * 3);
      sheet.data.set(line, ((y + row) * sheet.width + x) * 3);
      continue;
    }
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * channels;
      const pixel = [data[from]!, data[from + 1]!, data[from + 2]!] as const;
      const alpha = data[from + 3]! / 255;
      blend(sheet.data, ((y + row) * sheet.width + x + column) * 3, 3, pixel, alpha);
    }
  }
}
