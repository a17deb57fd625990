import { type BatchSource, PerceptError } from '@percept/core';
import { givesProbabilities, type Model, readModel } from '@percept/onnx';
import { classificationTally } from './classification-tally.js';
import { detectionTally } from './detection-tally.js';
import { checkEvaluateOptions, type EvaluateOptions } from './evaluate-options.js';
import type { Evaluations, EvaluationTask } from './evaluation.js';
import { multilabelTally } from './multilabel-tally.js';
import { regressionTally } from './regression-tally.js';
import { retrievalTally } from './retrieval-tally.js';
import { scoredBatches, scoresOutput } from './scored-batches.js';
import { segmentationTally } from './segmentation-tally.js';
import { slicesOf } from './slices.js';
import type { TaskContext, TaskTally } from './task-tally.js';

const tallies: { [Task in EvaluationTask]: (context: TaskContext) => TaskTally<Evaluations[Task]> } = {
  classification: classificationTally,
  multilabel: multilabelTally,
  segmentation: segmentationTally,
  regression: regressionTally,
  retrieval: retrievalTally,
  detection: detectionTally,
};
/** The last node of a model that gives probabilities. */
const activations: { [Task in EvaluationTask]?: readonly string[] } = {
  classification: ['Softmax'],
  multilabel: ['Sigmoid'],
  segmentation: ['Softmax'],
};
/** Tasks whose scores stand for no classes of the data. */
const withoutClasses: ReadonlySet<EvaluationTask> = new Set(['regression', 'retrieval']);

/**
 * Scores a model on epoch 0 of `data`, batch by batch: the figures of its task, the same for slices of the data, intervals
 * of confidence, calibration, and the worst mistakes by key. Its memory does not grow with the data, exact ranking and
 * the bootstrap apart.
 *
 * ```ts
 * const report = await evaluate(model, data, {
 *   runtime: onnxruntimeNode(),
 *   slices: { camera: (key) => key.split('-')[0], light: new Map([['a-1', 'night']]) },
 * });
 * ```
 *
 * @param model - one image input `[N, C, H, W]`, as an object or as the bytes of its file
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model is not of the task, `TRAIN_DATA_INVALID` when the labels are
 *   not or there are none, `ABORTED`, `INVALID_ARGUMENT` for options out of range and labels that are no class, and what
 *   the runtime and the data throw
 */
export async function evaluate<Task extends EvaluationTask = 'classification'>(
  model: Model | Uint8Array,
  data: BatchSource,
  options: EvaluateOptions<Task>,
): Promise<Evaluations[Task]> {
  const checked = checkEvaluateOptions(options);
  const { runtime, threads, output, signal, onProgress } = checked;
  const task = checked.task as Task;
  if (data.classes.length === 0 && !withoutClasses.has(task)) {
    throw new PerceptError(
      'TRAIN_DATA_INVALID',
      `Expected data with classes for task ${task} of evaluate() but received none. Name them in classes of the batch source`,
    );
  }
  const read = model instanceof Uint8Array ? readModel(model) : model;
  const tally = tallies[task]({
    model: read,
    options: checked,
    classes: [...data.classes],
    logits: givesLogits(read, checked),
    slicesOf: slicesOf(checked.slices),
  });
  const scoring = { runtime, threads, output, signal, onProgress };
  for await (const batch of scoredBatches(model, data, scoring)) tally.add(batch);
  if (task === 'retrieval' && checked.gallery !== undefined) {
    for await (const batch of scoredBatches(model, checked.gallery, scoring)) tally.addGallery?.(batch);
  }
  return tally.report();
}

function givesLogits({ graph }: Model, { scores, task, output }: ReturnType<typeof checkEvaluateOptions>): boolean {
  if (scores !== 'auto') return scores === 'logits';
  const last = activations[task];
  return last === undefined || !givesProbabilities(graph, scoresOutput(graph.outputs, output), last);
}
