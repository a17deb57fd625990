import { describeValue, type Image, keyedRandom, PerceptError } from '@percept/core';
import type { Transform } from './transform.js';

/** Which draws an image gets. */
export interface AugmentContext {
  /** Seed of the whole run. */
  readonly seed: number;
  /** Epoch, so that an image looks different each time. */
  readonly epoch: number;
  /** The sample's key in its dataset. */
  readonly key: string;
}

/**
 * Chains transforms into the `transform` of a loader. The transform at `index` draws from the path
 * `(seed, epoch, key, index, name)`, so an image's augmentation depends on nothing else: not on the order of the samples,
 * the number of workers, or where a run was resumed, and changing one transform's options leaves the draws of the others
 * alone.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when something in the list is not a {@link Transform}
 */
export function compose(transforms: readonly Transform[]): (image: Image, context: AugmentContext) => Image {
  const chain = [...transforms];
  chain.forEach((transform, index) => {
    // A function has a name and an `apply` too: horizontalFlip instead of horizontalFlip().
    if (typeof transform === 'object' && typeof transform?.name === 'string' && typeof transform.apply === 'function')
      return;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a transform such as horizontalFlip() at index ${index} of compose() but received ${describeValue(transform)}`,
    );
  });
  return (image, { seed, epoch, key }) => {
    const random = keyedRandom(seed, epoch, key);
    return chain.reduce(
      (changed, transform, index) => transform.apply(changed, random.child(index, transform.name)),
      image,
    );
  };
}
