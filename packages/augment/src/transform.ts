import { type Image, PerceptError, type Random } from '@percept/core';
import { requireUint8Image } from '@percept/image';
import * as z from 'zod/mini';

/**
 * A random change of an image: a pure function of the pixels and of what it draws, so that the same (image, random) gives
 * the same bytes in every process, thread and browser. It never changes its input and keeps width, height, channels and
 * type; where it has nothing to do it may return the very image it was given.
 */
export interface Transform {
  /** Names the transform in the key of its random draws; renaming one changes what it draws. */
  readonly name: string;
  /**
   * Transforms one 8-bit image of 1 or 3 channels.
   *
   * @throws PerceptError `INVALID_ARGUMENT` for any other image
   */
  apply(image: Image, random: Random): Image;
}

/** Options of the transforms that are done or not. */
export interface ProbabilityOptions {
  /** How often the transform is applied, 0..1. */
  readonly p?: number;
}

/** What is outside the image: one value for every channel, or one per channel, 0..255. */
export type Fill = number | readonly [number, number, number];

/** Schema of a probability. */
export const probability = z.number().check(z.gte(0), z.lte(1));

/** Schema of a {@link Fill}, black unless told otherwise. */
export const fillSchema = z._default(
  z.union([byteSchema(), z.tuple([byteSchema(), byteSchema(), byteSchema()])], {
    error: 'a value or three values in 0..255',
  }),
  0,
);

/** Schema of a closed range `[low, high]` within limits. */
export function rangeSchema(minimum: number, maximum: number) {
  const bound = z.number().check(z.gte(minimum), z.lte(maximum));
  return z
    .tuple([bound, bound])
    .check(z.refine(([low, high]) => low <= high, { error: 'a range [low, high] with low <= high' }));
}

function byteSchema() {
  return z.number().check(z.gte(0), z.lte(255));
}

/** Makes a transform that is applied with probability `p`. The first draw always decides that, the others are `change`'s. */
export function sometimes(
  name: string,
  p: number,
  change: (image: Image<Uint8Array>, random: Random) => Image<Uint8Array>,
): Transform {
  return {
    name,
    apply(image, random) {
      const source = requireUint8Image(image);
      if (source.channels === 4) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected an image of 1 or 3 channels for ${name} but received one of 4; decode it without alpha or use toRgb()`,
        );
      }
      return random.boolean(p) ? change(source, random) : source;
    },
  };
}
