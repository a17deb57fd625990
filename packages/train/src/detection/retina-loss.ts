import { PerceptError, parseOptions, tensor } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { sigmoidFocal } from '../losses/focal.js';
import type { Loss } from '../losses/loss.js';
import { signOf } from '../sign-of.js';
import { anchorTargets, splitDetections } from './split-detections.js';

/** Options of {@link retinaLoss}. */
export interface RetinaLossOptions {
  /** Weight of the right class of anchors that stand for a box, 0..1; all else weighs 1 - alpha. Default 0.25. */
  alpha?: number;
  /** How little easy answers count, at least 0. Default 2. */
  gamma?: number;
  /** Weight of the boxes' loss beside that of the classes, at least 0. Default 1. */
  boxWeight?: number;
}

const schema = z.strictObject({
  alpha: z.number().min(0).max(1).optional(),
  gamma: z.number().min(0).optional(),
  boxWeight: z.number().min(0).optional(),
});

/** Below this a sigmoid is 0 in float32. */
const never = -1e4;

/**
 * The loss of RetinaNet (Lin et al. 2017, arXiv:1708.02002): focal loss of every class's sigmoid over all anchors, and the
 * absolute error of the offsets of the anchors that stand for a box, summed over the batch and divided by the number of
 * these (at least 1; torchvision divides image by image). Images without boxes count as background.
 *
 * Scores: `[N, anchors, 4 + classes]`, offsets, then one logit per class, as `ssdLite` makes them with
 * `scores: 'sigmoid'`. Targets: `[N, anchors, 5]` float32, see {@link detectionTargets}.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function retinaLoss(options: RetinaLossOptions = {}): Loss {
  const { alpha = 0.25, gamma = 2, boxWeight = 1 } = parseOptions(schema, options, 'retinaLoss() options');
  const focal = sigmoidFocal({ alpha, gamma, reduction: 'sum' });
  return {
    description: describeOptions('retinaLoss', { alpha, gamma, boxWeight }),
    targets: anchorTargets,
    emitClasses: () => undefined,
    emit(g, scores, labels, dims, expected) {
      const split = splitDetections(g, scores, labels, dims);
      const { batch, anchors, columns, difference, logits, classes, positive } = split;
      if (expected !== undefined && columns !== expected) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected scores [N, anchors, ${4 + expected}] for retinaLoss() but received [${dims.join(', ')}]. Detectors with a score for the background learn by ssdLoss()`,
        );
      }
      const axes = [0, 1, 2];
      const count = g.node('Max', [g.reduceSum(positive, axes), g.scalar(1)]);

      const range = g.constant(
        tensor(
          'float32',
          [1, 1, columns],
          [...Array(columns).keys()].map((i) => i + 1),
        ),
        'classes',
      );
      const hit = g.mask(g.node('Equal', [classes, range]));
      // Anchors that count for nothing say a sure no, which is right of them, and are not corrected.
      const ignored = g.node('Less', [classes, g.scalar(0)]);
      const judged = g.node('Where', [ignored, g.scalar(never), logits]);
      const classLoss = focal.emit(g, judged, hit, [batch, anchors, columns]);
      const classGradient = g.node('Where', [ignored, g.scalar(0), classLoss.gradient]);

      const weight = g.node('Mul', [positive, g.scalar(boxWeight)]);
      const boxSum = g.reduceSum(g.node('Mul', [g.node('Abs', [difference]), weight]), axes);
      const boxGradient = g.node('Mul', [signOf(g, difference), weight]);

      const gradient = g.node('Concat', [boxGradient, classGradient], { axis: 2 });
      const sum = g.node('Add', [boxSum, classLoss.value]);
      return { value: g.node('Div', [sum, count]), gradient: g.node('Div', [gradient, count]) };
    },
  };
}
