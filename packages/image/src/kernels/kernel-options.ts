import { type ImageData, PerceptError } from '@percept/core';
import type { Samples } from './runtime.js';

/** Options of kernels whose result can be written into an array of the caller's. */
export interface KernelOptions<Data extends ImageData = Uint8Array> {
  /**
   * Where the result goes instead of a new array: same element type, exactly as long as the result. Saves the
   * allocation, which costs more than many of the kernels. Kernels that treat pixels one by one also take the image's
   * own array, and then work in place; the others refuse memory that they still read.
   */
  readonly out?: Data | undefined;
}

/** Whether two arrays share memory. */
function overlap(a: Samples, b: Samples): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}

/**
 * Refuses an `out` that would be written while the source is still read.
 *
 * @param inPlace - whether exactly the source's own memory is fine
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function requireApart(out: Samples, source: Samples, inPlace: boolean): void {
  if (!overlap(out, source)) return;
  if (inPlace && out.byteOffset === source.byteOffset && out.byteLength === source.byteLength) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    "Expected an out array apart from the image's but received one that shares its memory; pass another array, or none",
  );
}
