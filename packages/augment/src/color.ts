// Brightness, contrast and saturation as Pillow's ImageEnhance defines them, bit by bit: a blend of the image with a
// degenerate one (black; its mean grey; its grey version) in float32, cut off to 0..255 and truncated.
import { type Image, parseOptions } from '@percept/core';
import { toGray } from '@percept/image';
import * as z from 'zod/mini';
import { type ProbabilityOptions, probability, rangeSchema, sometimes, type Transform } from './transform.js';

/** Options of {@link brightness}, {@link contrast} and {@link saturation}. */
export interface FactorOptions extends ProbabilityOptions {
  /** Range of the factor, within 0..10: 1 changes nothing, 0 takes everything away. */
  readonly by: readonly [number, number];
}

const schema = z.strictObject({ by: rangeSchema(0, 10), p: z._default(probability, 1) });

/**
 * Multiplies all values by a uniformly drawn factor; 0 gives black. `p` defaults to 1. Bit-exact with Pillow's
 * `ImageEnhance.Brightness`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for factors or a probability out of range
 */
export function brightness(options: FactorOptions): Transform {
  return factorTransform('brightness', options, (image, factor) => mapped(image, blendTable(0, factor)));
}

/**
 * Moves all values away from the image's mean grey (ITU-R 601) by a uniformly drawn factor; 0 gives the mean. `p` defaults
 * to 1. Bit-exact with Pillow's `ImageEnhance.Contrast`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for factors or a probability out of range
 */
export function contrast(options: FactorOptions): Transform {
  return factorTransform('contrast', options, (image, factor) => {
    const { data } = toGray(image);
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i]!;
    return mapped(image, blendTable(Math.floor(sum / data.length + 0.5), factor));
  });
}

/**
 * Moves every pixel away from its own grey (ITU-R 601) by a uniformly drawn factor; 0 gives a grey image, and a grey image
 * stays as it is. `p` defaults to 1. Bit-exact with Pillow's `ImageEnhance.Color`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for factors or a probability out of range
 */
export function saturation(options: FactorOptions): Transform {
  return factorTransform('saturation', options, (image, factor) => {
    if (image.channels === 1) return image;
    const { data } = image;
    const gray = toGray(image).data;
    const single = Math.fround(factor);
    const out = new Uint8Array(data.length);
    for (let pixel = 0, at = 0; pixel < gray.length; pixel++, at += 3) {
      const from = gray[pixel]!;
      out[at] = blend(from, data[at]!, single);
      out[at + 1] = blend(from, data[at + 1]!, single);
      out[at + 2] = blend(from, data[at + 2]!, single);
    }
    return { ...image, data: out };
  });
}

function factorTransform(
  name: string,
  options: FactorOptions,
  change: (image: Image<Uint8Array>, factor: number) => Image<Uint8Array>,
): Transform {
  const { by, p } = parseOptions(schema, options, `${name}() options`);
  return sometimes(name, p, (image, random) => change(image, random.uniform(by[0], by[1])));
}

/** `from + factor * (to - from)` in float32, truncated to 0..255. */
function blend(from: number, to: number, factor: number): number {
  const value = Math.fround(from + Math.fround(factor * (to - from)));
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
}

/** What {@link blend} makes of each of the 256 values. */
function blendTable(from: number, factor: number): Uint8Array {
  const single = Math.fround(factor);
  const table = new Uint8Array(256);
  for (let value = 0; value < 256; value++) table[value] = blend(from, value, single);
  return table;
}

function mapped(image: Image<Uint8Array>, table: Uint8Array): Image<Uint8Array> {
  const { data } = image;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = table[data[i]!]!;
  return { ...image, data: out };
}
