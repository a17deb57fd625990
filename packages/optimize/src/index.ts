export {
  type CompareClassifiersOptions,
  type CompareModelsOptions,
  compareModels,
  type EvaluateModel,
} from './compare/compare-models.js';
export { Comparison } from './compare/comparison.js';
export type {
  ClassifierRow,
  ComparisonFigures,
  ComparisonJson,
  ComparisonRow,
  LatencyFigures,
  Score,
} from './compare/comparison-json.js';
export type { ComparisonPageOptions } from './compare/comparison-page.js';
export type { NamedModel, SessionSettings } from './compare/contestant.js';
export type { ScoredTask } from './compare/evaluate-task.js';
export type { PairedTest } from './compare/paired-test.js';
export type { ComparisonPlatform, Machine, MeasuredSession, SessionMemory } from './compare/platform.js';
export { type FoldedModel, foldBatchNorm } from './graph/fold-batch-norm.js';
export {
  type AuditedNode,
  auditFusion,
  type FusionAudit,
  type FusionAuditOptions,
} from './quantize/audit/audit-fusion.js';
export { type CalibrateOptions, type Calibration, type CalibrationData, calibrate } from './quantize/calibrate.js';
export type { CalibrationMethod } from './quantize/calibration/calibrator.js';
export {
  type LayerSensitivity,
  type LayerSensitivityOptions,
  layerSensitivity,
} from './quantize/guarded/layer-sensitivity.js';
export { type ModelFigures, type QuantizeOptions, type QuantizeResult, quantize } from './quantize/guarded/quantize.js';
export type { QuantizationOverride } from './quantize/overrides.js';
export type { FloatNode } from './quantize/quantization-plan.js';
export type { QuantizationTarget } from './quantize/quantization-scheme.js';
export {
  type DynamicallyQuantizedModel,
  type QuantizeDynamicOptions,
  quantizeDynamic,
} from './quantize/quantize-dynamic.js';
export { type QuantizedModel, type QuantizeStaticOptions, quantizeStatic } from './quantize/quantize-static.js';
export { type QuantizeWeights4Options, quantizeWeights4, type Weights4Model } from './quantize/quantize-weights4.js';
export {
  type ClampedConstant,
  type Float16Model,
  float32Operators,
  type ToFloat16Options,
  toFloat16,
} from './quantize/to-float16.js';
export { type LayerSqnrOptions, layerSqnr } from './sqnr/layer-sqnr.js';
export type { SqnrPageOptions } from './sqnr/sqnr-page.js';
export { type SqnrJson, type SqnrJsonOf, SqnrReport, type ValueSqnr, type WeightSqnr } from './sqnr/sqnr-report.js';
