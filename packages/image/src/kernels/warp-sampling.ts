import type { Image } from '@percept/core';
import * as z from 'zod/mini';
import { type BorderOptions, borderCode, borderSchema, borderValueSchema } from './border.js';
import { makeCubicTable } from './cubic-table.js';
import { constantTable, write } from './runtime.js';
import type { KernelExports } from './wasm.generated.js';

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

/** How an image is sampled, checked. */
export interface Sampling {
  readonly filter: WarpFilter;
  readonly border: NonNullable<BorderOptions['border']>;
  /** The constant border's pixel. */
  readonly fill: Uint8Array;
}

/** Bytes of memory that sampling needs beside positions and pixels. */
export const samplerBytes = 64;

/** Where the positions of samples come from: rows of a map, or a grid that lies in memory as one row. */
export interface Positions {
  /** Pointer of the inverse matrix; 0 for a grid. */
  readonly matrix: number;
  readonly steady: boolean;
  readonly width: number;
  readonly firstRow: number;
  readonly rows: number;
  /** Pointers of positions. */
  readonly xs: number;
  readonly ys: number;
}

/** Samples the image at `source` to `out`. */
export type Sampler = (kernels: KernelExports, source: number, positions: Positions, out: number) => void;

/** Chooses the kernel; to be called before `reserve()`. The sampler gets {@link samplerBytes} of memory of its own. */
export function makeSampler(
  { width, height, channels }: Image,
  { filter, border, fill }: Sampling,
): (area: number) => Sampler {
  const table = filter === 'bicubic' ? constantTable('cubic weights', makeCubicTable) : 0;
  const plain = filter === 'nearest' || channels === 1;
  const name = plain
    ? 'sampleTaps'
    : filter === 'bilinear'
      ? channels === 3
        ? 'sampleLinear3'
        : 'sampleLinear4'
      : channels === 3
        ? 'sampleCubic3'
        : 'sampleCubic4';
  const four = new Uint8Array(16);
  for (let i = 0; i < 4; i++) four.set(fill, i * fill.length);
  return (area) => {
    write(area, four);
    return (kernels, source, { matrix, steady, width: outWidth, firstRow, rows, xs, ys }, out) => {
      kernels[name](
        source,
        width,
        height,
        channels,
        matrix,
        steady,
        outWidth,
        firstRow,
        rows,
        xs,
        ys,
        filters.indexOf(filter),
        borderCode(border),
        area,
        table,
        area + 16,
        out,
      );
    };
  };
}
