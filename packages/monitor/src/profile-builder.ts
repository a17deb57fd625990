import {
  type Distribution,
  type Image,
  keyedRandom,
  PerceptError,
  parseOptions,
  type ReferenceProfile,
} from '@percept/core';
import * as z from 'zod/mini';
import { type DistributionOptions, describeDistribution, distributionFields } from './distribution.js';
import { measureProperties, propertyNames, roundScore } from './measurement.js';

/** What {@link profileBuilder} needs to know. */
export interface ProfileBuilderOptions extends DistributionOptions {
  /** Class labels, in the order of the scores; no label twice. */
  readonly labels: readonly string[];
}

/** Gathers what a model's inputs and outputs look like. Its methods need no `this`. */
export interface ProfileBuilder {
  /**
   * Adds a decoded image as it comes before preprocessing, and the model's probability of each class.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when there is not one score per label
   */
  readonly add: (image: Image, scores: ArrayLike<number>) => void;
  /**
   * The profile of all images added so far.
   *
   * @throws PerceptError `MONITOR_PROFILE_EMPTY` when there are none
   */
  readonly build: () => ReferenceProfile;
}

/** Images of which the measurements are kept. */
const maximumKept = 20_000;

const schema = z.strictObject({
  labels: z.array(z.string()).check(
    z.minLength(1),
    z.refine((labels) => new Set(labels).size === labels.length, 'labels that differ'),
  ),
  ...distributionFields,
});

/**
 * Starts the profile that travels inside a model and that drift is measured against. Add pictures that the model has
 * not learned from (its scores on those are too sure), as they will come in service and with the scores that serving gives.
 *
 * Image properties are kept to 5 significant digits and scores to 4 decimals; a monitor rounds alike. Values that are
 * not finite are left out. Of more than 20,000 images an evenly drawn 20,000 are described (a reservoir with keyed
 * draws: the same images in the same order give the same profile); `images` counts them all. With the default 10 bins
 * and 21 quantiles a class takes about 0.5 kB of JSON.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for missing or repeated labels, or bins and quantiles out of range
 */
export function profileBuilder(options: ProfileBuilderOptions): ProfileBuilder {
  const { labels, bins, quantiles } = parseOptions(schema, options, 'profileBuilder() options');
  const random = keyedRandom('profile reservoir');
  const rows: Float64Array[] = [];
  let images = 0;

  const describe = (column: number) => {
    const values = rows.map((row) => row[column]!).filter(Number.isFinite);
    return values.length === 0 ? undefined : describeDistribution(values, { bins, quantiles });
  };
  const described = (names: readonly string[], firstColumn: number) =>
    Object.fromEntries(
      names
        .map((name, i) => [name, describe(firstColumn + i)] as const)
        .filter((entry): entry is readonly [string, Distribution] => entry[1] !== undefined),
    );

  return {
    add(image, scores) {
      if (scores.length !== labels.length) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected ${labels.length} scores, one per label, but received ${scores.length}`,
        );
      }
      const place = images++ < maximumKept ? rows.length : random.integer(0, images);
      if (place >= maximumKept) return;
      rows[place] = Float64Array.from([...measureProperties(image), ...Array.from(scores, roundScore)]);
    },
    build() {
      if (images === 0) {
        throw new PerceptError('MONITOR_PROFILE_EMPTY', 'Expected images in the profile but received none; add() some');
      }
      return {
        version: 1,
        images,
        properties: described(propertyNames, 0),
        scores: described(labels, propertyNames.length),
      };
    },
  };
}
