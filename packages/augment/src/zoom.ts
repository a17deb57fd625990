import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
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

/** Options of {@link zoom}. */
export interface ZoomOptions extends ProbabilityOptions {
  /** Range of the factor, within 0.1..10: above 1 magnifies (edges are cut off), below 1 shrinks (`fill` comes in). */
  readonly scale: readonly [number, number];
  /** What comes in around a shrunk image. Default 0, black. */
  readonly fill?: Fill;
}

const schema = z.strictObject({ scale: rangeSchema(0.1, 10), p: z._default(probability, 1), fill: fillSchema });

/**
 * Magnifies or shrinks about the centre by a uniformly drawn factor, bilinear without antialiasing; the size stays. `p`
 * defaults to 1.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for factors, probability or fill out of range
 */
export function zoom(options: ZoomOptions): Transform {
  const { scale, p, fill } = parseOptions(schema, options, 'zoom() options');
  return sometimes('zoom', p, (image, random) => {
    const step = 1 / random.uniform(scale[0], scale[1]);
    return warpAffine(image, aroundCenter(image, step, 0, 0, step), fill);
  });
}
