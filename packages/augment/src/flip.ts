import { parseOptions } from '@percept/core';
import { flipImage } from '@percept/image';
import * as z from 'zod/mini';
import { type ProbabilityOptions, probability, sometimes, type Transform } from './transform.js';

const schema = z.strictObject({ p: z._default(probability, 0.5) });

/**
 * Mirrors left to right; exact. `p` defaults to 0.5.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a probability outside 0..1
 */
export function horizontalFlip(options: ProbabilityOptions = {}): Transform {
  const { p } = parseOptions(schema, options, 'horizontalFlip() options');
  return sometimes('horizontalFlip', p, (image) => flipImage(image, 'horizontal'));
}

/**
 * Mirrors top to bottom; exact. `p` defaults to 0.5.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a probability outside 0..1
 */
export function verticalFlip(options: ProbabilityOptions = {}): Transform {
  const { p } = parseOptions(schema, options, 'verticalFlip() options');
  return sometimes('verticalFlip', p, (image) => flipImage(image, 'vertical'));
}
