// The kernels beyond preprocessing (`preprocess.ts` says what holds for both modules): blurs, colours, warps, statistics.
export * from './blur';
export * from './color-matrix';
export * from './convolve';
export * from './hue';
export * from './integral';
export * from './lab';
export * from './lut';
export * from './pad';
export { gridPositions } from './positions';
export * from './scale-shift';
export * from './statistics';
export * from './warp-cubic';
export * from './warp-linear';
export * from './warp-nearest';

export function heapBase(): usize {
  return __heap_base;
}
