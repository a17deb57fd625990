// Entry of the kernel module: every family of kernels, and where free memory starts behind their constant data.
// Pointers are byte offsets in linear memory; the host lays out, fills and reads everything from `heapBase()` on.
// Kernels may read and write up to 64 bytes behind the end of an area, so that they need no special last step.
// Vectors that a loop needs are loaded from constant data in front of it: an engine builds a constant vector (and the
// pattern of a shuffle) anew in every turn, V8 with four instructions, which can cost more than all the arithmetic.
export * from './blur';
export * from './color-matrix';
export * from './convolve';
export * from './gray';
export * from './hue';
export * from './integral';
export * from './lab';
export * from './lut';
export * from './normalize';
export * from './orient';
export * from './pad';
export { gridPositions } from './positions';
export * from './resize-columns';
export * from './resize-rows';
export * from './scale-shift';
export * from './statistics';
export * from './warp-cubic';
export * from './warp-linear';
export * from './warp-nearest';

export function heapBase(): usize {
  return __heap_base;
}
