import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { sineCosine } from './arithmetic.js';
import {
  type Fill,
  fillSchema,
  type ProbabilityOptions,
  probability,
  rangeSchema,
  sometimes,
  type Transform,
} from './transform.js';
import { aroundCenter, warpAffine } from './warp.js';

/** Options of {@link rotate}. */
export interface RotateOptions extends ProbabilityOptions {
  /** Range of the angle in degrees, counter-clockwise; a number `d` means `[-d, d]`. Within -360..360. */
  readonly degrees: number | readonly [number, number];
  /** What comes in at the corners. Default 0, black. */
  readonly fill?: Fill;
}

const schema = z.strictObject({
  degrees: z.union([z.number().check(z.gte(0), z.lte(360)), rangeSchema(-360, 360)], {
    error: 'a number in 0..360 or a range [low, high] within -360..360',
  }),
  p: z._default(probability, 1),
  fill: fillSchema,
});

/**
 * Turns about the centre by a uniformly drawn angle, bilinear; the size stays, corners are cut off. Multiples of 90° of a
 * square image are exact. `p` defaults to 1. The geometry is that of OpenCV's `getRotationMatrix2D` with `warpAffine`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for angles, probability or fill out of range
 */
export function rotate(options: RotateOptions): Transform {
  const { degrees, p, fill } = parseOptions(schema, options, 'rotate() options');
  const [low, high] = typeof degrees === 'number' ? [-degrees, degrees] : degrees;
  return sometimes('rotate', p, (image, random) => {
    const { sine, cosine } = sineCosine(random.uniform(low, high));
    return warpAffine(image, aroundCenter(image, cosine, -sine, sine, cosine), fill);
  });
}
