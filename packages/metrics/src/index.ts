export type { AveragedScore } from './averaged-score.js';
export {
  type CalibrationBin,
  CalibrationMetrics,
  type CalibrationMetricsJson,
  type CalibrationMetricsOptions,
  type CalibrationReport,
} from './calibration-metrics.js';
export {
  ClassificationMetrics,
  type ClassificationMetricsJson,
  type ClassificationMetricsOptions,
} from './classification-metrics.js';
export type { ClassificationReport } from './classification-report.js';
export { type ClassTotals, ConfusionMatrix, type ConfusionMatrixJson } from './confusion-matrix.js';
export type { DetectionImageJson } from './detection-image.js';
export {
  DetectionMetrics,
  type DetectionMetricsJson,
  type DetectionMetricsOptions,
  type Detections,
  type GroundTruth,
} from './detection-metrics.js';
export type { ClassDetectionScore, DetectionCurve, DetectionReport } from './detection-report.js';
export { type BootstrapOptions, bootstrapInterval, type Interval, wilsonInterval } from './intervals.js';
export {
  cohenKappa,
  fBeta,
  intersectionOverUnion,
  type KappaWeights,
  matthewsCorrelation,
  precision,
  recall,
  specificity,
} from './matrix-scores.js';
export {
  MultilabelMetrics,
  type MultilabelMetricsJson,
  type MultilabelMetricsOptions,
  type MultilabelReport,
} from './multilabel-metrics.js';
export type { PrecisionRecallCurve, RocCurve } from './ranking-curve.js';
export {
  RankingMetrics,
  type RankingMetricsJson,
  type RankingMetricsOptions,
  type RankingReport,
  type RankingScore,
} from './ranking-metrics.js';
export {
  RegressionMetrics,
  type RegressionMetricsJson,
  type RegressionMetricsOptions,
} from './regression-metrics.js';
export type { RegressionMomentsJson } from './regression-moments.js';
export type { OutputScore, RegressionReport } from './regression-report.js';
export {
  RetrievalMetrics,
  type RetrievalMetricsJson,
  type RetrievalMetricsOptions,
  type RetrievalRole,
} from './retrieval-metrics.js';
export type { RetrievalAtK, RetrievalQuery, RetrievalReport } from './retrieval-report.js';
export type { StoredScores } from './score-store.js';
export {
  SegmentationMetrics,
  type SegmentationMetricsJson,
  type SegmentationMetricsOptions,
  type SegmentationReport,
} from './segmentation-metrics.js';
export { type BatchMetric, SlicedMetrics, type SlicedMetricsJson } from './sliced-metrics.js';
export { type TieRule, winningClass } from './winner.js';
