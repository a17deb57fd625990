import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import type { KernelOptions } from './kernel-options.js';
import { requireImage, resultArray } from './samples.js';
import { mapStrips } from './strips.js';
import { transformKernels } from './transform.generated.js';

const schema = z.union([z.number(), z.array(z.number())]);
const mostScale = 8192;
const mostShift = 1 << 20;

/**
 * Multiplies every sample by `scale` and adds `shift`, both one number or one per channel, in float32 arithmetic. 8-bit
 * results are rounded half to even and saturated at 0 and 255; float32 results are neither rounded nor clamped.
 *
 * @param scale - for 8-bit images within ±8192
 * @param shift - in the samples' own unit; for 8-bit images within ±1048576
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, uint16 data, numbers out of range or of another
 *   count than the channels, or an unfit `out`
 */
export function scaleShift<Data extends Uint8Array | Float32Array>(
  image: Image<Data>,
  scale: number | readonly number[],
  shift: number | readonly number[],
  options: KernelOptions<Data> = {},
): Image<Data> {
  const type = requireImage(image, ['uint8', 'float32']);
  const { width, height, channels, data } = image;
  const coefficients = new Float32Array(24);
  perChannel(coefficients, 0, scale, channels, 'scale', type === 'uint8' ? mostScale : Number.MAX_VALUE);
  perChannel(coefficients, 12, shift, channels, 'shift', type === 'uint8' ? mostShift : Number.MAX_VALUE);
  const out = resultArray(options.out, data, data.length);
  mapStrips(data, out, width * height, [coefficients], (from, to, count, [numbers]) =>
    type === 'uint8'
      ? transformKernels().scaleShift8(from, to, count * channels, numbers!)
      : transformKernels().scaleShiftFloat(from, to, count * channels, numbers!),
  );
  return { width, height, channels, data: out };
}

/** Repeats the channels' numbers over twelve places from `start` on. */
function perChannel(
  into: Float32Array,
  start: number,
  given: number | readonly number[],
  channels: number,
  name: string,
  most: number,
): void {
  const parsed = parseOptions(schema, given, name);
  const numbers = typeof parsed === 'number' ? [parsed] : parsed;
  if (numbers.length !== channels && typeof parsed !== 'number') {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one number or ${channels}, one per channel, for ${name} but received ${numbers.length}`,
    );
  }
  const tooLarge = numbers.find((value) => !(Math.abs(value) <= most));
  if (tooLarge !== undefined) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected numbers within ±${most} for ${name} but received ${tooLarge}`);
  }
  for (let i = 0; i < 12; i++) into[start + i] = numbers[(i % channels) % numbers.length]!;
}
