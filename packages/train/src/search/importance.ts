// PED-ANOVA: how much each parameter alone tells apart the best trials from all others.
//
// Source: S. Watanabe, A. Bansal, F. Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary
// Subspaces", IJCAI 2023, and for parameters of branches K. Ito et al., "Conditional PED-ANOVA" (arXiv:2601.20800). The
// variance that a parameter causes in "is among the best" is the Pearson divergence between its density in the best
// trials and in all; both are estimated over a grid, with Scott's rule for the width of kernels.
import { parseOptions } from '@percept/core';
import * as z from 'zod';
import type { FlatDimension, FlatParameter } from './flat-space.js';
import { normalMass } from './normal-mass.js';
import type { SearchResult } from './search.js';
import type { Choosable } from './space.js';

/** Options of {@link parameterImportance}. */
export interface ImportanceOptions {
  /** Share of the complete trials that count as the best, above 0 and below 1. Default 0.1. */
  quantile?: number;
}

/** What {@link parameterImportance} needs of a search. */
export type ImportanceSource = Pick<SearchResult, 'trials' | 'space' | 'direction'>;

const schema = z.strictObject({ quantile: z.number().gt(0).lt(1).default(0.1) });
const gridSize = 50;
/** Keeps a kernel from falling between two places of the grid: 90 % of it lie within one. */
const narrowest = 0.5 / 1.64;
const tiny = 1e-12;

/**
 * The importance of each parameter, largest first; they sum to 1. It answers which parameters decide whether a trial is
 * among the best, each looked at alone, so what only matters in combination shows little. Wants some fifty complete
 * trials; all are 0 while fewer than two, or when all parameters have one value.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function parameterImportance(source: ImportanceSource, options: ImportanceOptions = {}): Record<string, number> {
  const { quantile } = parseOptions(schema, options, 'parameterImportance() options');
  const complete = source.trials.filter(({ state }) => state === 'complete');
  const sign = source.direction === 'minimize' ? 1 : -1;
  const scores = complete.map(({ value }) => sign * value!);
  const limit = scores.toSorted((a, b) => a - b)[Math.ceil(quantile * scores.length) - 1] ?? 0;
  const best = complete.filter((_, at) => scores[at]! <= limit);

  const raw = source.space.map((parameter): [string, number] => {
    const valuesIn = (trials: typeof complete): Choosable[] =>
      trials.flatMap(({ values }) => values[parameter.name] ?? []);
    const [top, all] = [valuesIn(best), valuesIn(complete)];
    if (top.length === 0 || all.length < 2) return [parameter.name, 0];
    const share = (top.length / best.length) ** 2 / (all.length / complete.length);
    return [parameter.name, share * pearsonDivergence(parameter, top, all)];
  });
  const sum = raw.reduce((total, [, importance]) => total + importance, 0);
  return Object.fromEntries(
    raw.map(([name, one]): [string, number] => [name, sum > 0 ? one / sum : 0]).sort((a, b) => b[1] - a[1]),
  );
}

function pearsonDivergence({ dimension }: FlatParameter, top: readonly Choosable[], all: readonly Choosable[]): number {
  const places = placesOf(dimension);
  if (places < 2) return 0;
  const density = (values: readonly Choosable[]): number[] => {
    const counts = new Array<number>(places).fill(0);
    for (const value of values) counts[placeOf(dimension, places, value)]!++;
    return dimension.kind === 'choice' ? choiceDensity(counts) : numericDensity(counts);
  };
  const local = density(all);
  return density(top).reduce((sum, p, at) => sum + local[at]! * (p / local[at]! - 1) ** 2, 0);
}

/** Places of the grid that a parameter is laid on. */
function placesOf(dimension: FlatDimension): number {
  if (dimension.kind === 'choice') return dimension.options.length;
  const { kind, low, high, log, step } = dimension;
  if (low === high) return 1;
  if (kind === 'int' && log) return Math.min(gridSize, Math.ceil(Math.log2(high - low + 1)) + 1);
  return step === undefined ? gridSize : Math.min(gridSize, Math.round((high - low) / step) + 1);
}

function placeOf(dimension: FlatDimension, places: number, value: Choosable): number {
  if (dimension.kind === 'choice') return dimension.options.indexOf(value);
  const onScale = (number: number): number => (dimension.log ? Math.log(number) : number);
  const [low, high] = [onScale(dimension.low), onScale(dimension.high)];
  const place = (onScale(value as number) - low) / ((high - low) / (places - 1));
  return Math.min(places - 1, Math.max(0, Math.ceil(place - 0.5)));
}

/** Kernels stand on the options that occur, weighted by how often; one more, of weight 1, is even over all. */
function choiceDensity(counts: readonly number[]): number[] {
  const occurring = counts.filter((count) => count > 0).length;
  const sum = counts.reduce((a, b) => a + b, 0);
  const spread = 1 / (occurring + 1);
  const kernelSum = 1 + counts.length * spread;
  return counts.map((count) => {
    const kernels = (count * (1 + spread) + (sum - count) * spread) / kernelSum;
    return (kernels + 1 / counts.length) / (sum + 1) + tiny;
  });
}

/** Normal kernels, cut off at the ends of the grid and summed up over its places; the additional one is as wide as the grid. */
function numericDensity(counts: readonly number[]): number[] {
  const centres = [...counts.keys()].filter((at) => counts[at]! > 0);
  const weights = centres.map((at) => counts[at]!);
  const sum = weights.reduce((a, b) => a + b, 0);
  const width = Math.max(narrowest, scottWidth(centres, weights, sum));
  const last = counts.length - 1;
  const kernels = [
    ...centres.map((centre, at) => ({ centre, width, weight: weights[at]! })),
    { centre: last / 2, width: last + 1, weight: 1 },
  ];
  const density = new Array<number>(counts.length).fill(tiny);
  for (const { centre, width, weight } of kernels) {
    const mass = (from: number, to: number): number => normalMass((from - centre) / width, (to - centre) / width);
    const share = weight / (sum + 1) / mass(-0.5, last + 0.5);
    for (let at = 0; at <= last; at++) density[at]! += share * mass(at - 0.5, at + 0.5);
  }
  return density;
}

/** D. W. Scott, "Multivariate Density Estimation" (1992): 1.059 min(IQR / 1.34, σ) n^(-1/5). */
function scottWidth(places: readonly number[], weights: readonly number[], sum: number): number {
  const mean = places.reduce((total, place, at) => total + place * weights[at]!, 0) / sum;
  const squares = places.reduce((total, place, at) => total + (place - mean) ** 2 * weights[at]!, 0);
  const deviation = Math.sqrt(squares / Math.max(1, sum - 1));
  let passed = 0;
  const upTo = weights.map((weight) => {
    passed += weight;
    return passed;
  });
  const lower = upTo.findIndex((count) => count >= Math.floor(sum / 4));
  const upper = upTo.findIndex((count) => count > Math.floor((sum * 3) / 4));
  const spread = places[upper === -1 ? places.length - 1 : upper]! - places[lower]!;
  return 1.059 * Math.min(spread / 1.34, deviation) * sum ** -0.2;
}
