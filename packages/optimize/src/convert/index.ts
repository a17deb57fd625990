export { forTensorRT, type TensorRTModel } from './for-tensorrt.js';
export type { ImageLayout, Transposition } from './tflite/lowering.js';
export { type ToOrtFormatOptions, toOrtFormat } from './to-ort-format.js';
export { type TfliteFile, type TfliteRecord, type TfliteValue, type ToTfliteOptions, toTflite } from './to-tflite.js';
