import type { BatchSource, LongCallOptions } from '@percept/core';
import type { Evaluations, EvaluationTask } from '@percept/train';
import type { Score } from './comparison-json.js';
import type { NamedModel, SessionSettings } from './contestant.js';

/** Tasks whose models are compared by their customary figure; those of classification by accuracy and agreement. */
export type ScoredTask = Exclude<EvaluationTask, 'classification'>;

const scores: { readonly [Task in ScoredTask]: (report: Evaluations[Task]) => Score } = {
  multilabel: (report) => ({
    metric: 'exact match',
    value: report.exactMatch,
    interval: report.intervals.exactMatch,
    better: 'higher',
  }),
  segmentation: (report) => ({ metric: 'mean IoU', value: report.meanIoU, better: 'higher' }),
  regression: (report) => ({
    metric: 'mean absolute error',
    value: report.meanAbsoluteError.average,
    interval: report.intervals.meanAbsoluteError,
    better: 'lower',
  }),
  retrieval: (report) => ({
    metric: 'mean average precision',
    value: report.meanAveragePrecision,
    interval: report.intervals.meanAveragePrecision,
    better: 'higher',
  }),
  detection: (report) => ({
    metric: 'mAP',
    value: report.meanAveragePrecision,
    interval: report.intervals.meanAveragePrecision,
    better: 'higher',
  }),
};

/**
 * Scores a model with `evaluate` of `@percept/train`, by the figure that is customary for its task: exact match, mean IoU
 * (which has no interval), mean absolute error, mean average precision; intervals are Wilson's or bootstrapped.
 */
export async function evaluateTask<Task extends ScoredTask>(
  { model }: NamedModel,
  data: BatchSource,
  task: Task,
  options: SessionSettings & LongCallOptions & { readonly confidence: number },
): Promise<Score> {
  const { runtime, threads, confidence, signal, onProgress } = options;
  const settings = { runtime, task, confidence, mistakes: 0, bootstrap: true, signal, onProgress };
  // Only for other tasks than classification, so that the others need not load it.
  const { evaluate } = await import('@percept/train');
  const report = await evaluate(model, data, threads === undefined ? settings : { ...settings, threads });
  return scores[task](report);
}
