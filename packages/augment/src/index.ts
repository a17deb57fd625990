export { brightness, contrast, type FactorOptions, saturation } from './color.js';
export { type AugmentContext, compose } from './compose.js';
export { horizontalFlip, verticalFlip } from './flip.js';
export { type RandomResizedCropOptions, randomResizedCrop } from './random-resized-crop.js';
export { type RotateOptions, rotate } from './rotate.js';
export type { Fill, ProbabilityOptions, Transform } from './transform.js';
export { type ZoomOptions, zoom } from './zoom.js';
