export { type CompareModelsOptions, compareModels, type NamedModel } from './compare/compare-models.js';
export { Comparison, type ComparisonJson, type ComparisonRow } from './compare/comparison.js';
export { type FoldedModel, foldBatchNorm } from './graph/fold-batch-norm.js';
export type { CalibrationData } from './quantize/calibrate.js';
export type { FloatNode } from './quantize/quantization-plan.js';
export { type QuantizedModel, type QuantizeStaticOptions, quantizeStatic } from './quantize/quantize-static.js';
