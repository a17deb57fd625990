import { elementCount } from '@percept/core';
import type { StepBuilder } from '../step-builder.js';
import { type EmittedLoss, type Loss, valuePerScore } from './loss.js';
import { type Reduction, reduced } from './reduction.js';

/** A regression loss: one term for every score beside one float32 target, reduced over all of them. */
export function regressionLoss(
  description: string,
  reduction: Reduction,
  emitTerms: (g: StepBuilder, difference: string) => EmittedLoss,
): Loss {
  return {
    description,
    targets: valuePerScore,
    emitClasses: () => undefined,
    emit(g, scores, labels, dims) {
      const terms = emitTerms(g, g.node('Sub', [scores, labels]));
      return reduced(g, terms, { dims, reduction, count: elementCount(dims) });
    },
  };
}
