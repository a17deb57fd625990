import { elementCount, PerceptError } from '@percept/core';
import type { Model } from '@percept/onnx';
import { emitRightClasses, type Loss, targetsOf } from '../losses/loss.js';
import { StepBuilder } from '../step-builder.js';

/** Names of the inputs and outputs of {@link buildLossGraph}. */
export const lossNames = {
  scores: 'scores',
  labels: 'labels',
  loss: 'loss',
  gradient: 'gradient',
  correct: 'correct',
} as const;

/**
 * Loss, its gradient with respect to the scores and, where the labels name classes, the number of right answers, of scores of
 * the shape `dims`, `[N, classes, …]`.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` for another number of classes than the data has
 */
export function buildLossGraph(loss: Loss, dims: readonly number[], classes: number): Model {
  const g = new StepBuilder('loss');
  const targets = targetsOf(loss);
  const scores = g.input(lossNames.scores, 'float32', [...dims]);
  const labels = g.input(lossNames.labels, targets.type, [...targets.dims(dims)]);
  const rightClasses = emitRightClasses(g, loss, labels, dims);
  if (rightClasses !== undefined && classes > 0 && dims[1] !== classes) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected scores [N, ${classes}, …] for the model's output but received [${dims.join(', ')}]. Build the model for the classes of the data`,
    );
  }
  const emitted = loss.emit(g, scores, labels, dims, classes > 0 ? classes : undefined);
  const output = (value: string, name: string): void =>
    g.output(g.node('Identity', [value], {}, { outputs: [name] }), 'float32', undefined);
  output(emitted.value, lossNames.loss);
  output(emitted.gradient, lossNames.gradient);
  if (rightClasses !== undefined) {
    const [, , ...rest] = dims;
    const answers = g.node('ArgMax', [scores], { axis: 1, keepdims: 0 });
    const right = g.mask(g.node('Equal', [answers, rightClasses]));
    const count = g.reduceSum(right, [...rest.keys(), rest.length]);
    // An image with many answers counts by the share of right ones.
    const share = elementCount(rest) === 0 ? 1 : 1 / elementCount(rest);
    output(g.node('Mul', [count, g.scalar(share)]), lossNames.correct);
  }
  return g.build();
}
