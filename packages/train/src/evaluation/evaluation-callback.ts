import { type BatchSource, parseOptions } from '@percept/core';
import * as z from 'zod';
import type { TrainingCallback } from '../callback.js';
import type { EpochRecord } from '../epoch-record.js';
import { evaluate } from './evaluate.js';
import type { EvaluateOptions } from './evaluate-options.js';
import type { Evaluations, EvaluationTask } from './evaluation.js';

/** Options of {@link evaluationCallback}. */
export interface EvaluationCallbackOptions<Task extends EvaluationTask = 'classification'>
  extends EvaluateOptions<Task> {
  data: BatchSource;
  /** After every so many epochs, at least 1. Default 1. */
  every?: number;
  /** Told each evaluation; figures that it gives become part of the epoch's record. */
  onEvaluation: (
    report: Evaluations[Task],
    record: EpochRecord,
  ) => undefined | Readonly<Record<string, number>> | Promise<undefined | Readonly<Record<string, number>>>;
}

const schema = z.looseObject({
  every: z.int().min(1).default(1),
  onEvaluation: z.custom((value) => typeof value === 'function', 'a function'),
});

/**
 * Evaluates the model after epochs of a training, for more than the loss and accuracy that `validation` gives: a confusion
 * matrix, figures by slice, what early stopping or `best` is to watch.
 *
 * ```ts
 * evaluationCallback({
 *   data: validation,
 *   runtime: onnxruntimeNode(),
 *   onEvaluation: ({ f1 }) => ({ macroF1: f1.macro }),
 * })
 * ```
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; in the training what `evaluate` throws
 */
export function evaluationCallback<Task extends EvaluationTask = 'classification'>(
  options: EvaluationCallbackOptions<Task>,
): TrainingCallback {
  const { every } = parseOptions(schema, options, 'evaluationCallback() options');
  const { data, every: _, onEvaluation, ...rest } = options;
  return {
    async onEpochEnd(record, control) {
      if (record.epoch % every !== 0) return undefined;
      return onEvaluation(await evaluate<Task>(await control.model(), data, rest as EvaluateOptions<Task>), record);
    },
  };
}
