import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { StepBuilder } from '../step-builder.js';
import { labelPairs } from './label-pairs.js';
import { classIndices, type Loss } from './loss.js';

/** Options of {@link tripletMargin}. */
export interface TripletMarginOptions {
  /** By how much a stranger should be further away than a relative, above 0. Default 1. */
  margin?: number;
  /** Added to every difference, above 0. Default 1e-6. */
  eps?: number;
  /**
   * Which triplets of the batch count: `'all'` of them, or for every anchor only the `'hard'` one, its furthest relative
   * and its nearest stranger. Default `'all'`.
   */
  mining?: 'all' | 'hard';
}

const schema = z.strictObject({
  margin: z.number().gt(0).optional(),
  eps: z.number().gt(0).optional(),
  mining: z.enum(['all', 'hard']).optional(),
});

/**
 * Triplet margin loss with Euclidean distances, as `torch.nn.TripletMarginLoss` over triplets that are formed within the
 * batch from its labels (Hermans et al., arXiv:1703.07737): the mean over triplets, or 0 where a batch has none. Scores
 * are embeddings `[N, D]`, targets `[N]` int64. `'all'` needs memory in proportion to N³ and N² D.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function tripletMargin(options: TripletMarginOptions = {}): Loss {
  const { margin = 1, eps = 1e-6, mining = 'all' } = parseOptions(schema, options, 'tripletMargin() options');
  return {
    description: describeOptions('tripletMargin', { margin, eps, mining }),
    targets: classIndices,
    emitClasses: () => undefined,
    emit(g, scores, labels, dims) {
      const [batch, width] = dims as [number, number];
      const apart = g.node('Sub', [g.reshape(scores, [batch, 1, width]), g.reshape(scores, [1, batch, width])]);
      const difference = g.node('Add', [apart, g.scalar(eps)]);
      const distance = g.node('Sqrt', [g.reduceSum(g.node('Mul', [difference, difference]), [2])]);
      const pairs = labelPairs(g, labels, batch);
      const emitTriplets = mining === 'all' ? allTriplets : hardTriplets;
      const { value, slope } = emitTriplets(g, distance, { ...pairs, margin, batch });
      const pull = g.node('Mul', [g.reshape(g.node('Div', [slope, distance]), [batch, batch, 1]), difference]);
      return { value, gradient: g.node('Sub', [g.reduceSum(pull, [1]), g.reduceSum(pull, [0])]) };
    },
  };
}

interface Triplets {
  /** Masks `[N, N]` of pairs. */
  readonly positive: string;
  readonly negative: string;
  readonly margin: number;
  readonly batch: number;
}

interface EmittedTriplets {
  readonly value: string;
  /** Gradient with respect to the distances `[N, N]`. */
  readonly slope: string;
}

function allTriplets(g: StepBuilder, distance: string, triplets: Triplets): EmittedTriplets {
  const { positive, negative, margin, batch } = triplets;
  const relatives = (value: string): string => g.reshape(value, [batch, batch, 1]);
  const strangers = (value: string): string => g.reshape(value, [batch, 1, batch]);
  const valid = g.node('Mul', [relatives(positive), strangers(negative)]);
  const behind = g.node('Sub', [g.node('Add', [relatives(distance), g.scalar(margin)]), strangers(distance)]);
  const loss = g.node('Mul', [g.node('Relu', [behind]), valid]);
  const share = atLeastOne(g, g.reduceSum(valid, [0, 1, 2]));
  const active = g.node('Div', [g.mask(g.node('Greater', [loss, g.scalar(0)])), share]);
  return {
    value: g.node('Div', [g.reduceSum(loss, [0, 1, 2]), share]),
    slope: g.node('Sub', [g.reduceSum(active, [2]), g.reduceSum(active, [1])]),
  };
}

function hardTriplets(g: StepBuilder, distance: string, triplets: Triplets): EmittedTriplets {
  const { positive, negative, margin } = triplets;
  const far = g.scalar(1e30);
  const outside = (mask: string): string => g.node('Mul', [g.node('Sub', [g.scalar(1), mask]), far]);
  const amongRelatives = g.node('Sub', [g.node('Mul', [distance, positive]), outside(positive)]);
  const amongStrangers = g.node('Add', [g.node('Mul', [distance, negative]), outside(negative)]);
  const furthest = g.node('ReduceMax', [amongRelatives], { axes: [1], keepdims: 1 });
  const nearest = g.node('ReduceMin', [amongStrangers], { axes: [1], keepdims: 1 });
  const some = (mask: string): string => g.node('Min', [g.reduceSum(mask, [1], true), g.scalar(1)]);
  const valid = g.node('Mul', [some(positive), some(negative)]);
  // Where an anchor has no triplet this is about -1e30, which Relu makes 0.
  const behind = g.node('Sub', [g.node('Add', [furthest, g.scalar(margin)]), nearest]);
  const loss = g.node('Mul', [g.node('Relu', [behind]), valid]);
  const share = atLeastOne(g, g.reduceSum(valid, [0, 1]));
  const active = g.node('Div', [g.mask(g.node('Greater', [loss, g.scalar(0)])), share]);
  // Equal distances share the gradient.
  const chosen = (values: string, extreme: string): string => {
    const hit = g.mask(g.node('Equal', [values, extreme]));
    return g.node('Mul', [g.node('Div', [hit, g.reduceSum(hit, [1], true)]), active]);
  };
  return {
    value: g.node('Div', [g.reduceSum(loss, [0, 1]), share]),
    slope: g.node('Sub', [chosen(amongRelatives, furthest), chosen(amongStrangers, nearest)]),
  };
}

function atLeastOne(g: StepBuilder, count: string): string {
  return g.node('Max', [count, g.scalar(1)]);
}
