import * as z from 'zod/mini';
import { type BorderOptions, borderSchema, borderValueSchema } from './border.js';

/** How pixels between pixels are made. */
export type WarpFilter = 'nearest' | 'bilinear' | 'bicubic';

const filters = ['nearest', 'bilinear', 'bicubic'] as const satisfies readonly WarpFilter[];

/** Options of the kernels that sample an image anywhere. */
export interface SamplingOptions extends BorderOptions {
  /** Default `bilinear`. `bicubic` is Keys' cubic convolution with a = -0.75, as OpenCV's. */
  readonly filter?: WarpFilter | undefined;
}

export const samplingShape = {
  filter: z._default(z.enum(filters), 'bilinear'),
  border: z._default(borderSchema, 'constant'),
  borderValue: borderValueSchema,
};

/** The number by which the module knows a filter. */
export function filterCode(filter: WarpFilter): number {
  return filters.indexOf(filter);
}

/** How an image is sampled, checked. */
export interface Sampling {
  readonly filter: WarpFilter;
  readonly border: NonNullable<BorderOptions['border']>;
  /** The constant border's pixel. */
  readonly fill: Uint8Array;
}

/** Four pixels of a constant border. */
export function fourPixels(pixel: Uint8Array): Uint8Array {
  const four = new Uint8Array(16);
  for (let i = 0; i < 4; i++) four.set(pixel, i * pixel.length);
  return four;
}
