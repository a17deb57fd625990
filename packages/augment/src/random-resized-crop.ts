import { type Image, parseOptions, type Random } from '@percept/core';
import { cropImage, resizeImage } from '@percept/image';
import * as z from 'zod/mini';
import { exponential, logarithm } from './arithmetic.js';
import { type ProbabilityOptions, probability, rangeSchema, sometimes, type Transform } from './transform.js';

/** Options of {@link randomResizedCrop}. */
export interface RandomResizedCropOptions extends ProbabilityOptions {
  /** Range of the crop's share of the area, above 0 and at most 1. */
  readonly scale: readonly [number, number];
  /** Range of the crop's width / height, drawn evenly by its logarithm, within 0.1..10. Default `[3/4, 4/3]`. */
  readonly ratio?: readonly [number, number];
}

const schema = z.strictObject({
  scale: rangeSchema(1e-4, 1),
  ratio: z._default(rangeSchema(0.1, 10), [3 / 4, 4 / 3]),
  p: z._default(probability, 1),
});

/**
 * Cuts out a rectangle of random area, aspect and place and resizes it to the size of the image (bilinear, antialiased).
 * `p` defaults to 1. The rectangle is found as in torchvision's `RandomResizedCrop`: ten tries, then the largest centred
 * one within `ratio`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for ranges or a probability out of range
 */
export function randomResizedCrop(options: RandomResizedCropOptions): Transform {
  const { scale, ratio, p } = parseOptions(schema, options, 'randomResizedCrop() options');
  return sometimes('randomResizedCrop', p, (image, random) => {
    const { width, height } = image;
    return resizeImage(cropImage(image, drawRectangle(image, random, scale, ratio)), { width, height });
  });
}

function drawRectangle(
  { width, height }: Image,
  random: Random,
  scale: readonly [number, number],
  ratio: readonly [number, number],
): { readonly left: number; readonly top: number; readonly width: number; readonly height: number } {
  const low = logarithm(ratio[0]);
  const high = logarithm(ratio[1]);
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * random.uniform(scale[0], scale[1]);
    const aspect = exponential(random.uniform(low, high));
    const cropWidth = Math.round(Math.sqrt(area * aspect));
    const cropHeight = Math.round(Math.sqrt(area / aspect));
    if (cropWidth < 1 || cropHeight < 1 || cropWidth > width || cropHeight > height) continue;
    const top = random.integer(0, height - cropHeight + 1);
    const left = random.integer(0, width - cropWidth + 1);
    return { left, top, width: cropWidth, height: cropHeight };
  }
  const cropWidth = Math.max(1, Math.min(width, Math.round(height * ratio[1])));
  const cropHeight = Math.max(1, Math.min(height, Math.round(width / ratio[0])));
  return {
    left: (width - cropWidth) >> 1,
    top: (height - cropHeight) >> 1,
    width: cropWidth,
    height: cropHeight,
  };
}
