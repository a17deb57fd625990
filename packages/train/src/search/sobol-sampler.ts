import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { valueAt } from './dimension-values.js';
import { assign } from './flat-space.js';
import type { Sampler } from './sampler.js';
import { mostSobolDimensions, sobolPoint } from './sobol.js';

/** Options of {@link sobolSampler}. */
export interface SobolSamplerOptions {
  /** Owen's scrambling by the seed of the search; without it every seed gives the same trials. Default `true`. */
  scramble?: boolean;
}

const schema = z.strictObject({ scramble: z.boolean().default(true) });

/**
 * Points of the Sobol' sequence: as blind as {@link randomSampler}, but spread evenly, best with a power of two of trials.
 * Every parameter has a coordinate of its own, those of branches too. At most 128 parameters (`INVALID_ARGUMENT`).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function sobolSampler(options: SobolSamplerOptions = {}): Sampler {
  const { scramble } = parseOptions(schema, options, 'sobolSampler() options');
  return {
    description: `sobolSampler(scramble=${scramble})`,
    suggest({ space, trial, seed }) {
      if (space.length > mostSobolDimensions) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected at most ${mostSobolDimensions} parameters for sobolSampler() but the space has ${space.length}; use randomSampler()`,
        );
      }
      const point = sobolPoint(trial, space.length, scramble ? { scramble: seed } : {});
      const units = new Map(space.map(({ name }, at) => [name, point[at]!]));
      return assign(space, ({ name, dimension }) => valueAt(dimension, units.get(name)!));
    },
  };
}
