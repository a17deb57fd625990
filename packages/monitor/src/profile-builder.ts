import { type Distribution, type Image, PerceptError, parseOptions, type ReferenceProfile } from '@percept/core';
import * as z from 'zod/mini';
import { type DistributionOptions, distributionOf, distributionOptions } from './distribution.js';
import { type ImageProperties, imageProperties } from './image-properties.js';
import { scoreStep, significant } from './precision.js';

/** Options of {@link profileBuilder}. */
export interface ProfileBuilderOptions extends DistributionOptions {
  /** Class labels, in the order of the scores; all different. */
  labels: readonly string[];
}

/** Collects what a model's inputs and outputs look like. */
export interface ProfileBuilder {
  /**
   * Adds an image (before preprocessing) and the model's answer. Scores that are NaN or infinite are left out.
   *
   * @param scores - probability of each class, `[labels]`
   * @throws PerceptError `INVALID_ARGUMENT` when there is not one score for each label
   */
  add(image: Image, scores: ArrayLike<number>): void;
  /**
   * The profile of everything added so far, about 5 kB of JSON for 10 classes. Labels without any finite score are left
   * out.
   *
   * @throws PerceptError `MONITOR_PROFILE_EMPTY` when no image was added
   */
  build(): ReferenceProfile;
}

const schema = z.strictObject({
  labels: z.array(z.string()).check(z.refine((labels) => new Set(labels).size === labels.length, 'different labels')),
  ...distributionOptions,
});

/**
 * Starts the profile that drift will be measured against. Add the images on which the model was evaluated, at least 500
 * for a mean PSI that can be trusted, with the scores that it gave them. Memory: 8 bytes × (5 + labels) an image.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function profileBuilder(options: ProfileBuilderOptions): ProfileBuilder {
  const { labels, bins, quantiles } = parseOptions(schema, options, 'profileBuilder() options');
  const properties: Record<keyof ImageProperties, number[]> = {
    brightness: [],
    contrast: [],
    sharpness: [],
    width: [],
    height: [],
  };
  const scoresOf = labels.map((): number[] => []);

  return {
    add(image, scores) {
      if (scores.length !== labels.length) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected ${labels.length} scores (one for each label) but received ${scores.length}`,
        );
      }
      const measured = imageProperties(image);
      for (const name of Object.keys(properties) as (keyof ImageProperties)[]) {
        properties[name].push(significant(measured[name]));
      }
      for (let i = 0; i < labels.length; i++) scoresOf[i]!.push(scoreStep(scores[i]!));
    },
    build() {
      const images = properties.width.length;
      if (images === 0) {
        throw new PerceptError(
          'MONITOR_PROFILE_EMPTY',
          'Expected one image or more for a reference profile but received none. Call add() for the images of the evaluation first',
        );
      }
      const distributions = (columns: readonly (readonly [string, number[]])[]): Record<string, Distribution> => {
        const finite = columns.map(([name, values]) => [name, values.filter(Number.isFinite)] as const);
        const some = finite.filter(([, values]) => values.length > 0);
        return Object.fromEntries(some.map(([name, values]) => [name, distributionOf(values, { bins, quantiles })]));
      };
      return {
        version: 1,
        images,
        properties: distributions(Object.entries(properties)),
        scores: distributions(labels.map((label, i) => [label, scoresOf[i]!])),
      };
    },
  };
}
