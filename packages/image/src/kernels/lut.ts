import { type Image, PerceptError } from '@percept/core';
import type { KernelOptions } from './kernel-options.js';
import { requireImage, resultArray } from './samples.js';
import { mapStrips } from './strips.js';
import { transformKernels } from './transform.generated.js';

/**
 * Replaces every sample of an 8-bit image by the table's entry for it.
 *
 * @param table - 256 entries for all channels, or 256 per channel, one channel's behind the other's
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole and 8-bit, a table of another length or an unfit
 *   `out`
 */
export function applyLut(image: Image<Uint8Array>, table: Uint8Array, options: KernelOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8']);
  const { width, height, channels, data } = image;
  if (!(table instanceof Uint8Array) || (table.length !== 256 && table.length !== 256 * channels)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a Uint8Array of 256 or ${256 * channels} entries for table but received ${table?.length} entries`,
    );
  }
  const out = resultArray(options.out, data, data.length);
  if (table.length === 256) {
    mapStrips(data, out, data.length, [table], (from, to, count, [lut]) =>
      transformKernels().lookUp(from, to, count, lut!),
    );
  } else {
    mapStrips(data, out, width * height, [table], (from, to, count, [lut]) =>
      transformKernels().lookUpChannels(from, to, count, channels, lut!),
    );
  }
  return { width, height, channels, data: out };
}
