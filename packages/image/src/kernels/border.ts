import { type Image, PerceptError } from '@percept/core';
import * as z from 'zod/mini';
import type { PadMode } from './pad.js';

/** The modes by the numbers that the module knows them by. */
const modes = ['constant', 'replicate', 'reflect', 'reflect101', 'wrap'] as const satisfies readonly PadMode[];

/** What kernels read beyond the image's edge. */
export interface BorderOptions {
  /** What the border repeats. */
  readonly border?: PadMode | undefined;
  /** The `constant`: one sample for all channels or one per channel, integers 0..255. Default 0. */
  readonly borderValue?: number | readonly number[] | undefined;
}

const sample = z.int().check(z.gte(0), z.lte(255));
export const borderSchema = z.enum(modes);
export const borderValueSchema = z._default(z.union([sample, z.array(sample)]), 0);

/** The number by which the module knows a mode. */
export function borderCode(border: PadMode): number {
  return modes.indexOf(border);
}

/**
 * The constant pixel of a border.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when there is another number of values than channels
 */
export function borderPixel({ channels }: Image, value: number | readonly number[]): Uint8Array {
  const values = typeof value === 'number' ? new Array<number>(channels).fill(value) : value;
  if (values.length !== channels) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one value or ${channels}, one per channel, for borderValue but received ${values.length}`,
    );
  }
  return Uint8Array.from(values);
}
