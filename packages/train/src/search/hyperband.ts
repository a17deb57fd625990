import { keyedRandom, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import type { Pruner } from './pruner.js';
import { fallsBehind } from './successive-halving.js';

/** Options of {@link hyperbandPruner}; the defaults are those of Optuna. */
export interface HyperbandOptions {
  /** Step of the first judgement of the hastiest bracket, at least 1. Default 1. */
  minResource?: number;
  /** Last step of a whole trial, at least `minResource`. */
  maxResource: number;
  /** As for successive halving, at least 2. Default 3. */
  reductionFactor?: number;
}

const schema = z.strictObject({
  minResource: z.int().min(1).default(1),
  maxResource: z.int().min(1),
  reductionFactor: z.int().min(2).default(3),
});

/**
 * Hyperband (Li et al., JMLR 18, 2018) over asynchronous successive halving, as `optuna.pruners.HyperbandPruner`: every
 * trial belongs to a bracket, drawn by seed and number; bracket b leaves out the first b judgements, and trials are judged
 * among those of their bracket. Hasty brackets have more trials, so that each costs about the same.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function hyperbandPruner(options: HyperbandOptions): Pruner {
  const { minResource, maxResource, reductionFactor } = parseOptions(schema, options, 'hyperbandPruner() options');
  if (maxResource < minResource) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected maxResource of at least ${minResource} (minResource) for hyperbandPruner() but received ${maxResource}`,
    );
  }
  const shares = bracketShares(maxResource / minResource, reductionFactor);
  const bracketOf = (seed: number, trial: number): number => {
    let place = keyedRandom(seed, 'hyperband', trial).integer(
      0,
      shares.reduce((a, b) => a + b),
    );
    return shares.findIndex((share) => {
      place -= share;
      return place < 0;
    });
  };
  return {
    description: `hyperbandPruner(minResource=${minResource}, maxResource=${maxResource}, reductionFactor=${reductionFactor})`,
    shouldPrune({ trial, seed, reports, history }) {
      const bracket = bracketOf(seed, trial);
      const rivals = history.filter(({ number }) => bracketOf(seed, number) === bracket);
      return fallsBehind(reports, rivals, {
        minResource,
        reductionFactor,
        earlyStoppingRate: bracket,
        bootstrapTrials: 0,
      });
    },
  };
}

/** How many trials each bracket gets in proportion, the hastiest first: the `n` of Algorithm 1 of the paper. */
export function bracketShares(resourceRatio: number, reductionFactor: number): number[] {
  // Whole powers compared as such: the logarithm of 243 to base 3 is a little below 5.
  let brackets = 1;
  while (reductionFactor ** brackets <= resourceRatio) brackets++;
  return Array.from({ length: brackets }, (_, bracket) => {
    const halvings = brackets - 1 - bracket;
    return Math.ceil((brackets * reductionFactor ** halvings) / (halvings + 1));
  });
}
