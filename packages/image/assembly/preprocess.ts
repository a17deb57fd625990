// The kernels that every preprocessing needs, a module of its own so that a page need not load all of them: turning,
// resizing, grey and normalising. The others are in `transform.ts`.
// Pointers are byte offsets in linear memory, which both modules share; the host lays out, fills and reads everything
// behind their constant data. Kernels may read and write up to 64 bytes behind the end of an area, so that they need no
// special last step.
// Vectors that a loop needs are loaded from constant data in front of it: an engine builds a constant vector (and the
// pattern of a shuffle) anew in every turn, V8 with four instructions, which can cost more than all the arithmetic.
export * from './gray';
export * from './normalize';
export * from './orient';
export * from './resize-columns';
export * from './resize-rows';

export function heapBase(): usize {
  return __heap_base;
}
