import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { countValues, valueAt } from './dimension-values.js';
import { type FlatParameter, type FlatValues, isActive } from './flat-space.js';
import { ParzenEstimator } from './parzen-estimator.js';
import type { Sampler, Suggestion } from './sampler.js';
import type { Choosable } from './space.js';
import type { JudgedTrial } from './trial.js';

/** Options of {@link tpeSampler}; the defaults are those of Optuna 5. */
export interface TpeSamplerOptions {
  /** First trials that are drawn at random, at least 1. Default 10. */
  startupTrials?: number;
  /** Candidates among which the best is taken, at least 1. Default 24. */
  candidates?: number;
  /** How many of so many trials count as the good ones. Default: a tenth, rounded up, at most 25. */
  gamma?: (trials: number) => number;
  /** Weight of the whole range beside one observation, above 0. Default 1. */
  priorWeight?: number;
  /** Draws the parameters of the space, and those of each branch, together; else one by one. Default `true`. */
  multivariate?: boolean;
}

const schema = z.strictObject({
  startupTrials: z.int().min(1).default(10),
  candidates: z.int().min(1).default(24),
  gamma: z.custom<(trials: number) => number>((value) => typeof value === 'function', 'a function').optional(),
  priorWeight: z.number().gt(0).default(1),
  multivariate: z.boolean().default(true),
});

const tenth = (trials: number): number => Math.min(25, Math.ceil(0.1 * trials));

/**
 * The tree-structured Parzen estimator (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011):
 * draws candidates from the density of the good trials and takes the one that is most likely under it in proportion to
 * the density of all others. Parameters of a branch learn from the trials that took it. Pruned trials count as worse than
 * complete ones, and as better the further they came; failed ones teach nothing; trials whose result a suggestion may not
 * know yet count as bad, so that no two that run together are the same.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function tpeSampler(options: TpeSamplerOptions = {}): Sampler {
  const { startupTrials, candidates, gamma, priorWeight, multivariate } = parseOptions(
    schema,
    options,
    'tpeSampler() options',
  );
  const description = `tpeSampler(startupTrials=${startupTrials}, candidates=${candidates}, gamma=${gamma ?? 'default'}, priorWeight=${priorWeight}, multivariate=${multivariate})`;
  return {
    description,
    suggest(suggestion) {
      const { space, trial, random, history, pending } = suggestion;
      const known = history.filter(({ state }) => state !== 'failed');
      const learns = trial >= startupTrials && known.length > 0;
      const draw = ({ name, dimension }: FlatParameter): Choosable => valueAt(dimension, random.child(name).float());
      const good = learns ? bestTrials(known, (gamma ?? tenth)(known.length)) : new Set<JudgedTrial>();
      const bad = [...known.filter((one) => !good.has(one)).map(({ values }) => values), ...pending];
      const best = known.filter((one) => good.has(one)).map(({ values }) => values);

      const values: Record<string, Choosable> = {};
      for (const group of groupsOf(suggestion, multivariate)) {
        if (!isActive(group[0]!, values)) continue;
        if (!learns || (group.length === 1 && countValues(group[0]!.dimension) === 1)) {
          for (const parameter of group) values[parameter.name] = draw(parameter);
          continue;
        }
        const took = (one: FlatValues): boolean => group.every(({ name }) => one[name] !== undefined);
        const likely = new ParzenEstimator(group, best.filter(took), priorWeight);
        const unlikely = new ParzenEstimator(group, bad.filter(took), priorWeight);
        const drawing = random.child(group[0]!.name);
        let leading: FlatValues | undefined;
        let lead = Number.NEGATIVE_INFINITY;
        for (let i = 0; i < candidates; i++) {
          const candidate = likely.draw(drawing);
          const improvement = likely.logDensity(candidate) - unlikely.logDensity(candidate);
          if (leading !== undefined && !(improvement > lead)) continue;
          leading = candidate;
          lead = improvement;
        }
        Object.assign(values, leading);
      }
      return Object.fromEntries(space.flatMap(({ name }) => (name in values ? [[name, values[name]!]] : [])));
    },
  };
}

/** The parameters that are drawn together: those that exist under the same condition, in the order of the space. */
function groupsOf({ space }: Suggestion, multivariate: boolean): FlatParameter[][] {
  const groups = new Map<string, FlatParameter[]>();
  for (const parameter of space) {
    const { name, condition, dimension } = parameter;
    // A range without width has no density.
    const alone = !multivariate || countValues(dimension) === 1;
    const key = JSON.stringify(alone ? [name] : [condition?.parameter ?? '', condition?.value ?? '', '']);
    groups.set(key, [...(groups.get(key) ?? []), parameter]);
  }
  return [...groups.values()];
}

/** The best complete trials; where there are too few, pruned ones that came furthest, the better of equals first. */
function bestTrials(trials: readonly JudgedTrial[], count: number): Set<JudgedTrial> {
  const complete = trials.filter(({ state }) => state === 'complete').sort((a, b) => a.score! - b.score!);
  const pruned = trials.filter(({ state }) => state === 'pruned').sort(furthestFirst);
  return new Set([...complete, ...pruned].slice(0, count));
}

function furthestFirst(a: JudgedTrial, b: JudgedTrial): number {
  const [last, other] = [a.reports.at(-1), b.reports.at(-1)];
  if (last?.step !== other?.step) return (other?.step ?? -1) - (last?.step ?? -1);
  const worst = (value: number | undefined): number =>
    value === undefined || Number.isNaN(value) ? Number.MAX_VALUE : value;
  return worst(last?.value) - worst(other?.value);
}
