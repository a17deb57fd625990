import { PerceptError, parseOptions, tensor } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { emitHuber } from '../losses/huber.js';
import type { Loss } from '../losses/loss.js';
import type { StepBuilder } from '../step-builder.js';
import { anchorTargets, splitDetections } from './split-detections.js';

/** Options of {@link ssdLoss}. */
export interface SsdLossOptions {
  /** How many background anchors count for every anchor that stands for a box, at least 0: the hardest. Default 3. */
  negativesPerPositive?: number;
  /** Weight of the boxes' loss beside that of the classes, at least 0. Default 1. */
  boxWeight?: number;
}

const schema = z.strictObject({
  negativesPerPositive: z.number().min(0).optional(),
  boxWeight: z.number().min(0).optional(),
});

/**
 * The loss of SSD (Liu et al. 2016, arXiv:1512.02325), as torchvision's `SSD` computes it: smooth L1 of the offsets of the
 * anchors that stand for a box, softmax cross-entropy of their classes and of the background anchors that are most wrong,
 * summed over the batch and divided by the number of anchors that stand for a box (at least 1). Of an image without boxes
 * nothing counts.
 *
 * Scores: `[N, anchors, 4 + 1 + classes]`, offsets, then logits of background and classes, as `ssdLite` makes them.
 * Targets: `[N, anchors, 5]` float32, see {@link detectionTargets}.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function ssdLoss(options: SsdLossOptions = {}): Loss {
  const { negativesPerPositive = 3, boxWeight = 1 } = parseOptions(schema, options, 'ssdLoss() options');
  return {
    description: describeOptions('ssdLoss', { negativesPerPositive, boxWeight }),
    targets: anchorTargets,
    emitClasses: () => undefined,
    emit(g, scores, labels, dims, expected) {
      const { batch, anchors, columns, difference, logits, classes, positive } = splitDetections(
        g,
        scores,
        labels,
        dims,
      );
      if (columns < 2 || (expected !== undefined && columns !== 1 + expected)) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected scores [N, anchors, ${expected === undefined ? '4 + 1 + classes' : 5 + expected}] for ssdLoss() but received [${dims.join(', ')}]. Detectors with one score per class and none for the background learn by retinaLoss()`,
        );
      }
      const axes = [0, 1, 2];
      const count = g.node('Max', [g.reduceSum(positive, axes), g.scalar(1)]);

      const box = emitHuber(g, difference, 1);
      const boxSum = g.reduceSum(g.node('Mul', [box.value, positive]), axes);
      const boxGradient = g.node('Mul', [box.gradient, g.node('Mul', [positive, g.scalar(boxWeight)])]);

      const range = g.constant(tensor('float32', [1, 1, columns], [...Array(columns).keys()]), 'classes');
      const hit = g.mask(g.node('Equal', [classes, range]));
      const logProbabilities = g.node('LogSoftmax', [logits], { axis: 2 });
      const entropy = g.node('Neg', [g.reduceSum(g.node('Mul', [hit, logProbabilities]), [2], true)]);
      const negative = hardestNegatives(g, { entropy, classes, positive, batch, anchors, negativesPerPositive });
      const counted = g.node('Add', [positive, negative]);
      const classSum = g.reduceSum(g.node('Mul', [entropy, counted]), axes);
      const surplus = g.node('Sub', [g.node('Exp', [logProbabilities]), hit]);
      const classGradient = g.node('Mul', [surplus, counted]);

      const sum = g.node('Add', [g.node('Mul', [boxSum, g.scalar(boxWeight)]), classSum]);
      const gradient = g.node('Concat', [boxGradient, classGradient], { axis: 2 });
      return { value: g.node('Div', [sum, count]), gradient: g.node('Div', [gradient, count]) };
    },
  };
}

interface Mining {
  /** Cross-entropy of every anchor, `[N, anchors, 1]`. */
  readonly entropy: string;
  readonly classes: string;
  readonly positive: string;
  readonly batch: number;
  readonly anchors: number;
  readonly negativesPerPositive: number;
}

/** 1 for the background anchors of the highest loss, so many for every positive one of their image; `[N, anchors, 1]`. */
function hardestNegatives(g: StepBuilder, mining: Mining): string {
  const { entropy, classes, positive, batch, anchors, negativesPerPositive } = mining;
  const isBackground = g.node('Equal', [classes, g.scalar(0)]);
  // A loss is never negative: what is no background comes last.
  const ranked = g.reshape(g.node('Where', [isBackground, entropy, g.scalar(-1)]), [batch, anchors]);
  const [, order] = g.multi(
    'TopK',
    [ranked, g.integers([anchors])],
    { axis: 1, largest: 1, sorted: 1 },
    { outputs: 2 },
  );
  const places = tensor('float32', [1, anchors], [...Array(anchors).keys()]);
  const wide = g.node('Expand', [g.constant(places, 'places'), g.integers([batch, anchors])]);
  const rank = g.node('ScatterElements', [g.fill([batch, anchors], 0), order!, wide], { axis: 1 });
  const limit = g.node('Mul', [g.reduceSum(positive, [1], true), g.scalar(negativesPerPositive)]);
  const chosen = g.mask(g.node('Less', [g.reshape(rank, [batch, anchors, 1]), limit]));
  return g.node('Mul', [chosen, g.mask(isBackground)]);
}
