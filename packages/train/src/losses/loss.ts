import type { StepBuilder } from '../step-builder.js';

/** What a loss emitted: its value and where the gradient begins. */
export interface EmittedLoss {
  /** The loss of the batch, a float32 scalar. */
  readonly value: string;
  /** Its gradient with respect to the scores, in their shape. */
  readonly gradient: string;
}

/** What a loss compares the scores with. */
export interface LossTargets {
  readonly type: 'int64' | 'float32';
  /** Shape of the targets of scores of the shape `scoreDims`. */
  dims(scoreDims: readonly number[]): readonly number[];
  /** A label that is no class and does not count. */
  readonly ignored?: number;
}

/** A loss over the model's output. It emits its own gradient, so that each is as exact and as cheap as it can be. */
export interface Loss {
  /** Name and options, for checkpoints and trackers: two losses with the same description are the same. */
  readonly description: string;
  /** What `labels` must be. Default: class indices, `[N]` int64. */
  readonly targets?: LossTargets;
  /**
   * Emits the loss of `scores` (float32 of the shape `dims`, mostly `[N, classes]`) against `labels` into a training graph.
   *
   * @param classes - how many classes the data has; absent where it has none
   */
  emit(g: StepBuilder, scores: string, labels: string, dims: readonly number[], classes?: number): EmittedLoss;
  /**
   * Emits the right class of every score vector, int64 in the shape of the scores without axis 1, for the count of right
   * answers; `undefined` where the targets name no class. Default: `labels` where the targets are class indices, else none.
   */
  emitClasses?(g: StepBuilder, labels: string, dims: readonly number[]): string | undefined;
}

/** Class indices: `[N]` int64 beside scores `[N, classes]`, `[N, …]` beside `[N, classes, …]`. */
export const classIndices: LossTargets = { type: 'int64', dims: ([batch, , ...rest]) => [batch!, ...rest] };

/** One float32 beside every score. */
export const valuePerScore: LossTargets = { type: 'float32', dims: (scoreDims) => scoreDims };

/** What the labels of a loss must be. */
export function targetsOf(loss: Loss): LossTargets {
  return loss.targets ?? classIndices;
}

/** Emits the right class of every score vector, `undefined` where the targets name none. */
export function emitRightClasses(
  g: StepBuilder,
  loss: Loss,
  labels: string,
  dims: readonly number[],
): string | undefined {
  if (loss.emitClasses !== undefined) return loss.emitClasses(g, labels, dims);
  return targetsOf(loss).type === 'int64' ? labels : undefined;
}
