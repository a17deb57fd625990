import { type Image, type ImageData, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { type KernelOptions, requireApart } from './kernel-options.js';
import { read, reserve, write } from './runtime.js';
import { arrayLike, requireImage, resultArray } from './samples.js';
import { transformKernels } from './transform.generated.js';

/**
 * What a border repeats, for a row `abcd`: `constant` `kkk|abcd|kkk`, `replicate` `aaa|abcd|ddd`, `reflect`
 * `cba|abcd|dcb`, `reflect101` `dcb|abcd|cba`, `wrap` `bcd|abcd|abc`: OpenCV's BORDER_CONSTANT, _REPLICATE, _REFLECT,
 * _REFLECT_101 and _WRAP. Borders may be wider than the image.
 */
export type PadMode = 'constant' | 'replicate' | 'reflect' | 'reflect101' | 'wrap';

/** Border widths of `pad`, in pixels; 0 where left out. */
export interface PadSizes {
  readonly left?: number;
  readonly top?: number;
  readonly right?: number;
  readonly bottom?: number;
}

/** Options of `pad`. */
export interface PadOptions<Data extends ImageData = Uint8Array> extends KernelOptions<Data> {
  /** What the border repeats. Default `constant`. */
  readonly mode?: PadMode | undefined;
  /** The `constant`: one sample for all channels or one per channel, in the image's own range. Default 0. */
  readonly value?: number | readonly number[] | undefined;
}

/** A rectangle of pixels inside an image. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const widthSchema = z.optional(z.int().check(z.minimum(0)));
const sizesSchema = z.strictObject({ left: widthSchema, top: widthSchema, right: widthSchema, bottom: widthSchema });
const optionsSchema = z.strictObject({
  mode: z.optional(z.enum(['constant', 'replicate', 'reflect', 'reflect101', 'wrap'])),
  value: z.optional(z.union([z.number(), z.array(z.number())])),
  out: z.optional(z.unknown()),
});
const rectangleSchema = z.strictObject({ left: z.int(), top: z.int(), width: z.int(), height: z.int() });

/**
 * Adds a border. Any element type, 1, 3 or 4 channels.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, a negative width, a `value` with another number
 *   of channels or an unfit `out`
 */
export function pad<Data extends ImageData>(
  image: Image<Data>,
  sizes: PadSizes,
  options: PadOptions<Data> = {},
): Image<Data> {
  requireImage(image, ['uint8', 'uint16', 'float32']);
  const { left = 0, top = 0, right = 0, bottom = 0 } = parseOptions(sizesSchema, sizes, 'pad() sizes');
  const { mode = 'constant', value = 0 } = parseOptions(optionsSchema, options, 'pad() options');
  const { width, height, channels, data } = image;
  const outWidth = left + width + right;
  const outHeight = top + height + bottom;
  const row = outWidth * channels;
  const out = resultArray(options.out, data, row * outHeight);
  requireApart(out, data, false);
  const fill = fillPixel(image, value);
  padRows(image, out.subarray(top * row, (top + height) * row) as Data, left, right, mode, fill);
  const empty = mode === 'constant' ? fillRow(fill, outWidth) : undefined;
  for (let y = 0; y < outHeight; y++) {
    if (y === top) y += height;
    if (y >= outHeight) break;
    const from = (top + borderIndex(y - top, height, mode)) * row;
    if (empty === undefined) out.copyWithin(y * row, from, from + row);
    else out.set(empty, y * row);
  }
  return { width: outWidth, height: outHeight, channels, data: out };
}

/** The pixel of a row (or the row of an image) that border position `index`, outside `0..size - 1`, repeats. */
export function borderIndex(index: number, size: number, mode: PadMode): number {
  if (mode === 'replicate') return Math.min(Math.max(index, 0), size - 1);
  if (mode === 'wrap') return ((index % size) + size) % size;
  if (mode === 'reflect101' && size === 1) return 0;
  const period = mode === 'reflect' ? 2 * size : 2 * size - 2;
  const inside = ((index % period) + period) % period;
  return inside < size ? inside : mode === 'reflect' ? period - 1 - inside : period - inside;
}

function fillPixel<Data extends ImageData>({ channels, data }: Image<Data>, value: number | readonly number[]): Data {
  const values = typeof value === 'number' ? new Array<number>(channels).fill(value) : value;
  if (values.length !== channels) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one value or ${channels}, one per channel, for pad() value but received ${values.length}`,
    );
  }
  const pixel = arrayLike(data, channels);
  pixel.set(values);
  return pixel;
}

function fillRow<Data extends ImageData>(pixel: Data, width: number): Data {
  const row = arrayLike(pixel, pixel.length * width);
  for (let x = 0; x < width; x++) row.set(pixel, x * pixel.length);
  return row;
}

function padRows<Data extends ImageData>(
  { width, height, channels, data }: Image<Data>,
  out: Data,
  left: number,
  right: number,
  mode: PadMode,
  fill: Data,
): void {
  const size = channels * data.BYTES_PER_ELEMENT;
  const borders = new Int32Array(left + right);
  for (let i = 0; i < borders.length; i++) {
    const x = i < left ? i - left : width + i - left;
    borders[i] = mode === 'constant' ? -1 : borderIndex(x, width, mode) * size;
  }
  const row = width * channels;
  const outRow = (left + width + right) * channels;
  const step = Math.min(height, Math.max(1, Math.floor(16_384 / (outRow * data.BYTES_PER_ELEMENT))));
  const [from, to, table, pixel] = reserve(
    step * width * size,
    step * outRow * data.BYTES_PER_ELEMENT,
    borders.byteLength,
    size,
  );
  const kernels = transformKernels();
  write(table, borders);
  write(pixel, fill);
  for (let y = 0; y < height; y += step) {
    const rows = Math.min(step, height - y);
    write(from, data.subarray(y * row, (y + rows) * row));
    kernels.padRows(from, to, width, rows, size, left, right, table, pixel);
    read(to, out.subarray(y * outRow, (y + rows) * outRow));
  }
}

/**
 * Copies a rectangle. Any element type, 1, 3 or 4 channels. Rows are copied straight from array to array, which no kernel
 * can beat.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, an empty rectangle or one that reaches outside
 *   the image, or an unfit `out`
 */
export function crop<Data extends ImageData>(
  image: Image<Data>,
  rectangle: Rectangle,
  options: KernelOptions<Data> = {},
): Image<Data> {
  requireImage(image, ['uint8', 'uint16', 'float32']);
  const { left, top, width, height } = parseOptions(rectangleSchema, rectangle, 'crop() rectangle');
  if (width < 1 || height < 1 || left < 0 || top < 0 || left + width > image.width || top + height > image.height) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a rectangle inside ${image.width} × ${image.height} but received ${width} × ${height} at (${left}, ${top})`,
    );
  }
  const { channels, data } = image;
  const row = width * channels;
  const out = resultArray(options.out, data, row * height);
  requireApart(out, data, false);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * channels;
    out.set(data.subarray(from, from + row), y * row);
  }
  return { width, height, channels, data: out };
}
