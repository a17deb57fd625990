export {
  ClassificationMetrics,
  type ClassificationMetricsJson,
  type ClassificationMetricsOptions,
} from './classification-metrics.js';
export type { AveragedScore, ClassificationReport } from './classification-report.js';
export { ConfusionMatrix, type ConfusionMatrixJson, undecided } from './confusion-matrix.js';
