import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { type ClassTargets, classTargetsOf, classTargetsSchema, probabilities } from './class-targets.js';
import type { Loss } from './loss.js';

/** Options of {@link dice}. */
export interface DiceOptions {
  /** Whether classes exclude each other (`'softmax'`) or each stands on its own (`'sigmoid'`). Default `'softmax'`. */
  activation?: 'softmax' | 'sigmoid';
  /** Added to numerator and denominator, above 0. Default 1e-5. */
  smooth?: number;
  /** Takes each class over the whole batch together, not each map on its own. Default false. */
  batch?: boolean;
  /** What the labels are: `[N, …]` int64, or float32 maps in the shape of the scores. Default `'indices'`. */
  targets?: ClassTargets;
}

const schema = z.strictObject({
  activation: z.enum(['softmax', 'sigmoid']).optional(),
  smooth: z.number().gt(0).optional(),
  batch: z.boolean().optional(),
  targets: classTargetsSchema,
});

/**
 * 1 - (2 Σ p t + smooth) / (Σ p + Σ t + smooth) over the positions of a map, the mean over classes and images: the Dice
 * loss of segmentation (Milletari et al., arXiv:1606.04797) in the form of MONAI's `DiceLoss`. Scores are logits
 * `[N, classes, …]`; scores `[N, classes]` have no positions, so they need `batch`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, or scores `[N, classes]` without `batch`
 */
export function dice(options: DiceOptions = {}): Loss {
  const parsed = parseOptions(schema, options, 'dice() options');
  const { activation = 'softmax', smooth = 1e-5, batch = false, targets = 'indices' } = parsed;
  return {
    description: describeOptions('dice', { activation, smooth, batch, targets }),
    ...classTargetsOf(targets),
    emit(g, scores, labels, dims) {
      if (dims.length < 3 && !batch) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected scores [N, classes, …] with positions for dice() but received [${dims.join(', ')}]. Set batch: true to take each class over the batch`,
        );
      }
      const axes = [...dims.keys()].filter((axis) => axis !== 1 && (batch || axis !== 0));
      const maps = batch ? dims[1]! : dims[0]! * dims[1]!;
      const target = probabilities(g, targets, labels, dims);
      const p = activation === 'softmax' ? g.node('Softmax', [scores], { axis: 1 }) : g.node('Sigmoid', [scores]);
      const sum = (value: string): string => g.reduceSum(value, axes, true);
      const twice = g.scalar(2);
      const overlap = g.node('Add', [g.node('Mul', [sum(g.node('Mul', [p, target])), twice]), g.scalar(smooth)]);
      const size = g.node('Add', [g.node('Add', [sum(p), sum(target)]), g.scalar(smooth)]);
      const ratio = g.node('Div', [overlap, size]);
      const share = g.scalar(1 / maps);
      const value = g.node('Sub', [g.scalar(1), g.node('Mul', [g.reduceSum(ratio, [...dims.keys()]), share])]);
      // d ratio / dp = (2 t - ratio) / size
      const slope = g.node('Div', [g.node('Sub', [ratio, g.node('Mul', [target, twice])]), size]);
      const dP = g.node('Mul', [slope, share]);
      const chained = g.node('Mul', [dP, p]);
      const back =
        activation === 'softmax'
          ? g.node('Sub', [chained, g.node('Mul', [p, g.reduceSum(chained, [1], true)])])
          : g.node('Mul', [chained, g.node('Sigmoid', [g.node('Neg', [scores])])]);
      return { value, gradient: back };
    },
  };
}
