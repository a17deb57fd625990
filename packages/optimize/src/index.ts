export type { CalibrationData } from './calibrate.js';
export { type CompareModelsOptions, compareModels, type NamedModel } from './compare-models.js';
export { Comparison, type ComparisonJson, type ComparisonRow } from './comparison.js';
export { type FoldedModel, foldBatchNorm } from './fold-batch-norm.js';
export type { FloatNode } from './quantization-plan.js';
export { type QuantizedModel, type QuantizeStaticOptions, quantizeStatic } from './quantize-static.js';
