export type { CalibrationData } from './calibrate.js';
export { type FoldedModel, foldBatchNorm } from './fold-batch-norm.js';
export type { FloatNode } from './quantization-plan.js';
export { type QuantizedModel, type QuantizeStaticOptions, quantizeStatic } from './quantize-static.js';
