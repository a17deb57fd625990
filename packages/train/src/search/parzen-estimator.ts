import type { Random } from '@percept/core';
import { nearestValue } from './dimension-values.js';
import type { FlatDimension, FlatParameter, FlatValues } from './flat-space.js';
import { logNormalDensity, normalMass } from './normal-mass.js';
import type { Choosable } from './space.js';

type NumericDimension = Exclude<FlatDimension, { kind: 'choice' }>;

/** One parameter's part of every kernel. */
interface Marginal {
  /** A value drawn from a kernel. */
  draw(kernel: number, random: Random): Choosable;
  /** Logarithms of the probabilities (of densities, for real numbers without a step) of a value under every kernel. */
  logDensities(value: Choosable): readonly number[];
}

/**
 * A density over some parameters, made of one kernel for each observation and one, the prior, for the whole range. A
 * kernel is the product of a distribution for each parameter: a normal one cut off at the limits (over the logarithm for
 * parameters drawn so, summed up over each value's share for stepped ones), or a table of probabilities for choices.
 *
 * Widths are those of Bergstra et al. (NeurIPS 2011) with the "magic clip" of Hyperopt and Optuna: the larger distance to
 * the neighbours, at least range / min(100, 2 + observations), at most the range. Weights are Optuna's: all equal up to 24
 * observations; beyond, the last 25 have full weight and those before them less the older they are.
 */
export class ParzenEstimator {
  readonly #parameters: readonly FlatParameter[];
  readonly #marginals: readonly Marginal[];
  readonly #weights: readonly number[];

  /** @param observations - values of all `parameters`, oldest first */
  constructor(parameters: readonly FlatParameter[], observations: readonly FlatValues[], priorWeight: number) {
    this.#parameters = parameters;
    const weights = observations.length === 0 ? [1] : [...agedWeights(observations.length), priorWeight];
    const sum = weights.reduce((a, b) => a + b, 0);
    this.#weights = weights.map((weight) => weight / sum);
    this.#marginals = parameters.map(({ name, dimension }) => {
      const values = observations.map((observation) => observation[name]!);
      return dimension.kind === 'choice'
        ? choiceMarginal(dimension.options, values, priorWeight)
        : numericMarginal(dimension, values as number[]);
    });
  }

  /** Draws values of all parameters, from one kernel. */
  draw(random: Random): FlatValues {
    const kernel = indexOf(this.#weights, random.float());
    return Object.fromEntries(
      this.#parameters.map(({ name }, at) => [name, this.#marginals[at]!.draw(kernel, random)] as const),
    );
  }

  /** Logarithm of the density of values of all parameters. */
  logDensity(values: FlatValues): number {
    const sums = this.#weights.map((weight) => Math.log(weight));
    for (const [at, { name }] of this.#parameters.entries()) {
      const densities = this.#marginals[at]!.logDensities(values[name]!);
      for (let kernel = 0; kernel < sums.length; kernel++) sums[kernel]! += densities[kernel]!;
    }
    const largest = Math.max(...sums);
    return largest + Math.log(sums.reduce((sum, one) => sum + Math.exp(one - largest), 0));
  }
}

/** Weights of observations, oldest first. */
function agedWeights(count: number): number[] {
  const full = 25;
  const ramp = count - full;
  return Array.from({ length: count }, (_, at) => {
    if (at >= ramp) return 1;
    return ramp === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * at) / (ramp - 1);
  });
}

function choiceMarginal(options: readonly Choosable[], values: readonly Choosable[], priorWeight: number): Marginal {
  const everywhere = values.length === 0 ? 1 : priorWeight / (values.length + 1);
  const kernels = [...values, undefined].map((value) => {
    const weights = options.map((option) => everywhere + (option === value ? 1 : 0));
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
  });
  return {
    draw: (kernel, random) => options[indexOf(kernels[kernel]!, random.float())]!,
    logDensities(value) {
      const option = options.indexOf(value);
      return kernels.map((probabilities) => Math.log(probabilities[option]!));
    },
  };
}

function numericMarginal(dimension: NumericDimension, values: readonly number[]): Marginal {
  const { log, step } = dimension;
  const margin = step === undefined ? 0 : step / 2;
  const onScale = (value: number): number => (log ? Math.log(value) : value);
  const low = onScale(dimension.low - margin);
  const high = onScale(dimension.high + margin);
  const places = values.map(onScale);
  const centres = [...places, (low + high) / 2];
  const widths = [...kernelWidths(places, low, high), high - low];
  // Of a density, the part that does not depend on the value: what is cut off, and for densities the width.
  const constants = centres.map((centre, k) => {
    const width = widths[k]!;
    const inside = Math.log(normalMass((low - centre) / width, (high - centre) / width));
    return step === undefined ? inside + Math.log(width) : inside;
  });
  return {
    draw(kernel, random) {
      // A kernel's centre lies in the range and its width is no larger: about every third draw falls inside, or more.
      for (;;) {
        const place = centres[kernel]! + widths[kernel]! * random.normal();
        if (place >= low && place <= high) return nearestValue(dimension, log ? Math.exp(place) : place);
      }
    },
    logDensities(given) {
      const value = given as number;
      const place = onScale(value);
      const [left, right] = [onScale(value - margin), onScale(value + margin)];
      return centres.map((centre, k) => {
        const width = widths[k]!;
        const density =
          step === undefined
            ? logNormalDensity((place - centre) / width)
            : Math.log(normalMass((left - centre) / width, (right - centre) / width));
        return density - constants[k]!;
      });
    },
  };
}

function kernelWidths(places: readonly number[], low: number, high: number): number[] {
  const order = [...places.keys()].sort((a, b) => places[a]! - places[b]!);
  const sorted = order.map((at) => places[at]!);
  const smallest = (high - low) / Math.min(100, 2 + places.length);
  const widths = new Array<number>(places.length);
  for (const [rank, at] of order.entries()) {
    const left = sorted[rank]! - (sorted[rank - 1] ?? low);
    const right = (sorted[rank + 1] ?? high) - sorted[rank]!;
    let width = Math.max(left, right);
    // Once there are several, the outermost reach to their neighbour only and not to the limit.
    if (places.length > 1 && rank === 0) width = right;
    if (places.length > 1 && rank === places.length - 1) width = left;
    widths[at] = Math.min(high - low, Math.max(smallest, width));
  }
  return widths;
}

/** The index that a number in [0, 1) falls to when every index owns its share. */
function indexOf(shares: readonly number[], unit: number): number {
  let sum = 0;
  for (const [at, share] of shares.entries()) {
    sum += share;
    if (unit < sum) return at;
  }
  return shares.length - 1;
}
