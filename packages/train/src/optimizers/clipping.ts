// Stages that keep gradients small. They stand before the optimizer: chain(clipByGlobalNorm(1), adamw()).
import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { StepBuilder } from '../step-builder.js';
import { matches } from './parameter-groups.js';
import type { Transformation } from './transformation.js';

const limit = z.number().gt(0);

/**
 * Scales all gradients by one factor so that together they are no longer than `maxNorm`, as
 * `torch.nn.utils.clip_grad_norm_`. It sees the model's gradients, so it comes first in a chain.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a norm that is not above 0
 */
export function clipByGlobalNorm(maxNorm: number): Transformation {
  parseOptions(limit, maxNorm, 'maxNorm of clipByGlobalNorm()');
  return {
    description: `clipByGlobalNorm(${maxNorm})`,
    state: [],
    scalars: {},
    shared({ g, gradients }) {
      const norm = g.node('Add', [globalNorm(g, gradients), g.scalar(1e-6)]);
      return { clipFactor: g.node('Min', [g.node('Div', [g.scalar(maxNorm), norm]), g.scalar(1)]) };
    },
    emit: ({ g, update, shared }) => ({ update: g.node('Mul', [update, shared.clipFactor!]), state: {} }),
  };
}

/** The Euclidean norm of all gradients together, a scalar. */
function globalNorm(g: StepBuilder, gradients: ReadonlyMap<string, string>): string {
  const squares = [...gradients.values()].map((value) => g.node('ReduceSumSquare', [value], { keepdims: 0 }));
  return g.node('Sqrt', [squares.length === 1 ? squares[0]! : g.node('Sum', squares)]);
}

/**
 * Holds every number of the update within ±`limit`, as `torch.nn.utils.clip_grad_value_`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a value that is not above 0
 */
export function clipByValue(clipValue: number): Transformation {
  parseOptions(limit, clipValue, 'clipValue of clipByValue()');
  return {
    description: `clipByValue(${clipValue})`,
    state: [],
    scalars: {},
    emit: ({ g, update }) => ({
      update: g.node('Clip', [update, g.scalar(-clipValue), g.scalar(clipValue)]),
      state: {},
    }),
  };
}

/** Options of {@link adaptiveClip}. */
export interface AdaptiveClipOptions {
  /** Longest gradient of a unit, as a share of the unit's weights, above 0. Default 0.01. */
  clipFactor?: number;
  /** Least length that a unit's weights count for, above 0. Default 0.001. */
  epsilon?: number;
  /** Names of parameters that are not clipped: the authors leave out the last layer. Default: none. */
  exclude?: RegExp;
}

const adaptiveSchema = z.strictObject({
  clipFactor: limit.optional(),
  epsilon: limit.optional(),
  exclude: z.instanceof(RegExp).optional(),
});

/**
 * Adaptive gradient clipping (Brock et al., arXiv:2102.06171), as timm's `adaptive_clip_grad`: no unit's gradient is longer than
 * a share of the unit's weights. A unit is a row along axis 0 (a filter of a convolution, an output of a Gemm with transB);
 * vectors are one unit.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function adaptiveClip(options: AdaptiveClipOptions = {}): Transformation {
  const parsed = parseOptions(adaptiveSchema, options, 'adaptiveClip() options');
  const { clipFactor = 0.01, epsilon = 0.001, exclude } = parsed;
  return {
    description: describeOptions('adaptiveClip', { clipFactor, epsilon, exclude }),
    state: [],
    scalars: {},
    emit({ g, update, parameter, dims }) {
      if (exclude !== undefined && matches(exclude, parameter)) return { update, state: {} };
      const axes = [...dims.keys()].slice(dims.length > 1 ? 1 : 0);
      const norm = (value: string): string => g.node('Sqrt', [g.reduceSum(g.node('Mul', [value, value]), axes, true)]);
      const longest = g.node('Mul', [g.node('Max', [norm(parameter), g.scalar(epsilon)]), g.scalar(clipFactor)]);
      const ratio = g.node('Div', [longest, g.node('Max', [norm(update), g.scalar(1e-6)])]);
      return { update: g.node('Mul', [update, g.node('Min', [ratio, g.scalar(1)])]), state: {} };
    },
  };
}
