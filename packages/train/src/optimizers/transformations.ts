// The stages that optimizers are composed of. Formulas and defaults are PyTorch's.
import { describeOptions } from '../describe-options.js';
import { integerPower } from '../integer-power.js';
import { signOf } from '../sign-of.js';
import type { StepBuilder } from '../step-builder.js';
import type { PerParameter } from './parameter-groups.js';
import type { Transformation } from './transformation.js';

/**
 * u + weightDecay p: before the other stages the gradient of an L2 penalty, coupled with everything that follows; after
 * them the decoupled decay of Loshchilov and Hutter (arXiv:1711.05101).
 */
export function addDecayedWeights(weightDecay: number | PerParameter): Transformation {
  return {
    description: `addDecayedWeights(${typeof weightDecay === 'number' ? weightDecay : weightDecay.description})`,
    state: [],
    scalars: {},
    emit({ g, update, parameter, dims }) {
      const decay = typeof weightDecay === 'number' ? weightDecay : weightDecay.of(parameter, dims);
      if (decay === 0) return { update, state: {} };
      return { update: g.node('Add', [update, g.node('Mul', [parameter, g.scalar(decay)])]), state: {} };
    },
  };
}

/** Options of {@link trace}. */
export interface TraceOptions {
  /** Share of the last update that goes on. */
  momentum: number;
  /** Looks one step ahead. Default false. */
  nesterov?: boolean;
  /** Share of every update but the first that is left out. Default 0. */
  dampening?: number;
}

/** b' = momentum b + (1 - dampening) u; gives b', or with Nesterov's form u + momentum b' (Sutskever et al. 2013). */
export function trace({ momentum, nesterov = false, dampening = 0 }: TraceOptions): Transformation {
  return {
    description: describeOptions('trace', { momentum, nesterov, ...(dampening === 0 ? {} : { dampening }) }),
    state: ['momentum'],
    scalars: dampening === 0 ? {} : { undamped: (step) => (step === 1 ? 1 : 1 - dampening) },
    emit({ g, update, state, scalars }) {
      const factor = g.scalar(momentum);
      const fresh = dampening === 0 ? update : g.node('Mul', [update, scalars.undamped!]);
      const buffer = g.node('Add', [g.node('Mul', [state.momentum!, factor]), fresh]);
      const next = nesterov ? g.node('Add', [update, g.node('Mul', [buffer, factor])]) : buffer;
      return { update: next, state: { momentum: buffer } };
    },
  };
}

/** Options of {@link scaleByAdam}. */
export interface ScaleByAdamOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Divides by the largest mean so far (Reddi et al., arXiv:1904.09237). Default false. */
  amsgrad?: boolean;
}

/** The bias-corrected mean of u over the root of the bias-corrected mean of u² (Kingma and Ba, arXiv:1412.6980). */
export function scaleByAdam(options: ScaleByAdamOptions): Transformation {
  const { beta1, beta2, epsilon, amsgrad = false } = options;
  return {
    description: describeOptions('scaleByAdam', { beta1, beta2, epsilon, ...(amsgrad ? { amsgrad } : {}) }),
    state: ['firstMoment', 'secondMoment', ...(amsgrad ? ['largestSecondMoment'] : [])],
    scalars: {
      // 1 - beta^t needs more than float32 while t is small, so the corrections come from outside.
      firstCorrection: (step) => 1 / (1 - integerPower(beta1, step)),
      secondCorrection: (step) => 1 / Math.sqrt(1 - integerPower(beta2, step)),
    },
    emit({ g, update, state, scalars }) {
      const firstMoment = movingMean(g, state.firstMoment!, update, beta1);
      const secondMoment = movingMean(g, state.secondMoment!, g.node('Mul', [update, update]), beta2);
      const largest = amsgrad ? g.node('Max', [state.largestSecondMoment!, secondMoment]) : secondMoment;
      const root = g.node('Mul', [g.node('Sqrt', [largest]), scalars.secondCorrection!]);
      const ratio = g.node('Div', [firstMoment, g.node('Add', [root, g.scalar(epsilon)])]);
      return {
        update: g.node('Mul', [ratio, scalars.firstCorrection!]),
        state: { firstMoment, secondMoment, ...(amsgrad ? { largestSecondMoment: largest } : {}) },
      };
    },
  };
}

/** u over the root of the moving mean of u² (Hinton's lecture 6e), or of u's variance if centered (Graves, arXiv:1308.0850). */
export function scaleByRms(options: { alpha: number; epsilon: number; centered: boolean }): Transformation {
  const { alpha, epsilon, centered } = options;
  return {
    description: describeOptions('scaleByRms', options),
    state: ['secondMoment', ...(centered ? ['firstMoment'] : [])],
    scalars: {},
    emit({ g, update, state }) {
      const secondMoment = movingMean(g, state.secondMoment!, g.node('Mul', [update, update]), alpha);
      const ratio = (spread: string): string =>
        g.node('Div', [update, g.node('Add', [g.node('Sqrt', [spread]), g.scalar(epsilon)])]);
      if (!centered) return { update: ratio(secondMoment), state: { secondMoment } };
      const firstMoment = movingMean(g, state.firstMoment!, update, alpha);
      const variance = g.node('Sub', [secondMoment, g.node('Mul', [firstMoment, firstMoment])]);
      // Rounding may leave a variance of nothing just below 0.
      return { update: ratio(g.node('Relu', [variance])), state: { secondMoment, firstMoment } };
    },
  };
}

/** u over the root of the sum of all u² so far (Duchi et al. 2011), divided by 1 + decay (t - 1) in step t. */
export function scaleByAdagrad(options: {
  epsilon: number;
  learningRateDecay: number;
  initialAccumulator: number;
}): Transformation {
  const { epsilon, learningRateDecay, initialAccumulator } = options;
  return {
    description: describeOptions('scaleByAdagrad', options),
    state: ['sumOfSquares'],
    initial: { sumOfSquares: initialAccumulator },
    scalars: { adagradDecay: (step) => 1 / (1 + (step - 1) * learningRateDecay) },
    emit({ g, update, state, scalars }) {
      const sumOfSquares = g.node('Add', [state.sumOfSquares!, g.node('Mul', [update, update])]);
      const ratio = g.node('Div', [update, g.node('Add', [g.node('Sqrt', [sumOfSquares]), g.scalar(epsilon)])]);
      return { update: g.node('Mul', [ratio, scalars.adagradDecay!]), state: { sumOfSquares } };
    },
  };
}

/** The sign of beta1 m + (1 - beta1) u, after which m' = beta2 m + (1 - beta2) u (Chen et al., arXiv:2302.06675). */
export function scaleByLion({ beta1, beta2 }: { beta1: number; beta2: number }): Transformation {
  return {
    description: describeOptions('scaleByLion', { beta1, beta2 }),
    state: ['momentum'],
    scalars: {},
    emit: ({ g, update, state }) => ({
      update: signOf(g, movingMean(g, state.momentum!, update, beta1)),
      state: { momentum: movingMean(g, state.momentum!, update, beta2) },
    }),
  };
}

/**
 * u in proportion to the length of the parameter: |p| / |u| u, or u where either is 0 (You et al., arXiv:1904.00962). Parameters
 * for which `applies` is 0 keep u. Default: all are scaled.
 */
export function scaleByTrustRatio(applies?: PerParameter): Transformation {
  return {
    description: `scaleByTrustRatio(${applies?.description ?? ''})`,
    state: [],
    scalars: {},
    emit({ g, update, parameter, dims }) {
      if (applies?.of(parameter, dims) === 0) return { update, state: {} };
      const norm = (value: string): string =>
        g.node('Sqrt', [g.reduceSum(g.node('Mul', [value, value]), [...dims.keys()])]);
      const [weights, updates] = [norm(parameter), norm(update)];
      const positive = (value: string): string => g.mask(g.node('Greater', [value, g.scalar(0)]));
      const both = g.node('Mul', [positive(weights), positive(updates)]);
      const ratio = g.node('Div', [weights, g.node('Max', [updates, g.scalar(1e-30)])]);
      const one = g.scalar(1);
      const trust = g.node('Add', [one, g.node('Mul', [both, g.node('Sub', [ratio, one])])]);
      return { update: g.node('Mul', [update, trust]), state: {} };
    },
  };
}

/** learningRate u, times a factor of the parameter's own. Parameters with factor 0 stay as they are. */
export function scaleByLearningRate(factor?: PerParameter): Transformation {
  const groups = factor?.description ?? '';
  return {
    description: groups === '' ? 'scaleByLearningRate' : `scaleByLearningRate(${groups})`,
    state: [],
    scalars: {},
    emit({ g, update, scalars, parameter, dims }) {
      const own = factor?.of(parameter, dims) ?? 1;
      const rate = own === 1 ? scalars.learningRate! : g.node('Mul', [scalars.learningRate!, g.scalar(own)]);
      return { update: g.node('Mul', [update, rate]), state: {} };
    },
  };
}

/** beta old + (1 - beta) value. */
function movingMean(g: StepBuilder, old: string, value: string, beta: number): string {
  return g.node('Add', [g.node('Mul', [old, g.scalar(beta)]), g.node('Mul', [value, g.scalar(1 - beta)])]);
}
