import { keyedPermutation, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { countValues, nearestValue } from './dimension-values.js';
import { assign, type FlatDimension, type FlatParameter, type FlatSpace } from './flat-space.js';
import type { Sampler } from './sampler.js';
import type { ChoiceDimension, Choosable } from './space.js';

/** Options of {@link gridSampler}. */
export interface GridSamplerOptions {
  /**
   * Values of a parameter that allows more than these, spread evenly over its range with both ends (over its logarithm
   * where it is drawn so), at least 2. Default: every value, which real numbers without a step do not have.
   */
  points?: number;
  /** Visits the grid in an order drawn by the seed, so that a part of it already covers the space. Default `true`. */
  shuffle?: boolean;
}

const schema = z.strictObject({ points: z.int().min(2).optional(), shuffle: z.boolean().default(true) });
type NumericDimension = Exclude<FlatDimension, { kind: 'choice' }>;

const mostTrials = 2 ** 32;

/**
 * Every combination of values once; parameters of branches only where the branch is taken. The search ends with the grid.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, and when the search begins: for a real number without a
 *   step when there are no `points`, and for more than 2^32 combinations
 */
export function gridSampler(options: GridSamplerOptions = {}): Sampler {
  const { points, shuffle } = parseOptions(schema, options, 'gridSampler() options');
  return {
    description: `gridSampler(points=${points ?? 'all'}, shuffle=${shuffle})`,
    trials(space) {
      const count = combinations(space, undefined, points);
      if (count <= mostTrials) return count;
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a grid of at most ${mostTrials} trials but the space has ${count}; lower points, or use another sampler`,
      );
    },
    suggest({ space, trial, seed }) {
      const count = combinations(space, undefined, points);
      const at = shuffle ? keyedPermutation(count, seed, 'grid').at(trial) : trial;
      const values: Record<string, Choosable> = {};
      decode(space, undefined, points, at, values);
      return assign(space, ({ name }) => values[name]!);
    },
  };
}

/** The parameters of one branch (`undefined`: those that always exist), without what hangs below their own branches. */
function membersOf(space: FlatSpace, branch: FlatParameter['condition']): FlatParameter[] {
  return space.filter(
    ({ condition }) => condition?.parameter === branch?.parameter && condition?.value === branch?.value,
  );
}

function combinations(space: FlatSpace, branch: FlatParameter['condition'], points: number | undefined): number {
  return membersOf(space, branch).reduce((product, parameter) => product * sizeOf(space, parameter, points), 1);
}

/** Combinations of a parameter and all that hangs below it. */
function sizeOf(space: FlatSpace, parameter: FlatParameter, points: number | undefined): number {
  if (!hasBranches(space, parameter)) return gridCount(parameter, points);
  return (parameter.dimension as ChoiceDimension).options.reduce<number>(
    (sum, value) => sum + combinations(space, { parameter: parameter.name, value: String(value) }, points),
    0,
  );
}

function hasBranches(space: FlatSpace, { name }: FlatParameter): boolean {
  return space.some(({ condition }) => condition?.parameter === name);
}

/** Reads the number of a combination as digits: one for each parameter, and within it those of the branch taken. */
function decode(
  space: FlatSpace,
  branch: FlatParameter['condition'],
  points: number | undefined,
  at: number,
  values: Record<string, Choosable>,
): void {
  let rest = at;
  for (const parameter of membersOf(space, branch).reverse()) {
    const size = sizeOf(space, parameter, points);
    let digit = rest % size;
    rest = Math.floor(rest / size);
    if (!hasBranches(space, parameter)) {
      values[parameter.name] = gridValue(parameter, points, digit);
      continue;
    }
    for (const value of (parameter.dimension as ChoiceDimension).options) {
      const taken = { parameter: parameter.name, value: String(value) };
      const below = combinations(space, taken, points);
      if (digit < below) {
        values[parameter.name] = value;
        decode(space, taken, points, digit, values);
        break;
      }
      digit -= below;
    }
  }
}

function gridCount({ name, dimension }: FlatParameter, points: number | undefined): number {
  const count = countValues(dimension);
  if (dimension.kind === 'choice' || count <= (points ?? count)) {
    if (count !== Number.POSITIVE_INFINITY) return count;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected points for gridSampler(), or a step for ${name}: it is a real number with endlessly many values`,
    );
  }
  return spreadValues(dimension, points!).length;
}

function gridValue({ dimension }: FlatParameter, points: number | undefined, at: number): Choosable {
  if (dimension.kind === 'choice') return dimension.options[at]!;
  const count = countValues(dimension);
  if (count <= (points ?? count)) return nearestValue(dimension, dimension.low + at * (dimension.step ?? 0));
  return spreadValues(dimension, points!)[at]!;
}

/** So many values over the range of a dimension that allows more; fewer where whole numbers fall together. */
function spreadValues(dimension: NumericDimension, points: number): number[] {
  const { low, high, log } = dimension;
  const places = Array.from({ length: points }, (_, i) => {
    const share = i / (points - 1);
    return nearestValue(dimension, log ? low * (high / low) ** share : low + (high - low) * share);
  });
  return [...new Set(places)];
}
