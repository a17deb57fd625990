// Targets of classification losses: class indices, or one probability for every class.
import { tensor } from '@percept/core';
import * as z from 'zod';
import type { StepBuilder } from '../step-builder.js';
import { classIndices, type Loss, valuePerScore } from './loss.js';

/**
 * What the labels are: class indices (int64, `[N]` beside scores `[N, classes]`), or probabilities (float32 in the shape
 * of the scores), which mixup, cutmix and multi-label data need.
 */
export type ClassTargets = 'indices' | 'probabilities';

export const classTargetsSchema = z.enum(['indices', 'probabilities']).optional();

/** 1 where a score is that of the labelled class, else 0; float32 in the shape `dims` of the scores. */
export function oneHot(g: StepBuilder, labels: string, dims: readonly number[]): string {
  const [batch, classes, ...rest] = dims as [number, number, ...number[]];
  const range = tensor(
    'int64',
    [1, classes, ...rest.map(() => 1)],
    Array.from({ length: classes }, (_, index) => index),
  );
  const wide = g.reshape(labels, [batch, 1, ...rest]);
  return g.mask(g.node('Equal', [wide, g.constant(range, 'classes')]));
}

/** A float32 constant with one value for every class, shaped to meet scores of the shape `dims`. */
export function perClass(g: StepBuilder, values: readonly number[], dims: readonly number[]): string {
  return g.constant(tensor('float32', [1, values.length, ...dims.slice(2).map(() => 1)], values), 'perClass');
}

/** The fields of {@link Loss} that follow from the kind of targets. */
export function classTargetsOf(targets: ClassTargets): Required<Pick<Loss, 'targets' | 'emitClasses'>> {
  if (targets === 'indices') return { targets: classIndices, emitClasses: (_, labels) => labels };
  return {
    targets: valuePerScore,
    emitClasses: (g, labels) => g.node('ArgMax', [labels], { axis: 1, keepdims: 0 }),
  };
}

/** The probability of every class, float32 in the shape `dims` of the scores. */
export function probabilities(g: StepBuilder, targets: ClassTargets, labels: string, dims: readonly number[]): string {
  return targets === 'indices' ? oneHot(g, labels, dims) : labels;
}
