import type { Image } from '@percept/core';
import * as z from 'zod/mini';
import { type BorderOptions, borderCode, borderSchema, borderValueSchema } from './border.js';
import { makeCubicTable } from './cubic-table.js';
import { constantTable, write } from './runtime.js';
import { transformKernels } from './transform.generated.js';

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

/** Bytes of memory that sampling rows of `width` pixels needs beside positions and pixels. */
export function samplerBytes(width: number): number {
  return 16 + 128 + 12 * (width + 4);
}

/** Where the positions of samples come from: rows of a map, or a grid that lies in memory as one row. */
interface Positions {
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
export type Sampler = (source: number, positions: Positions, out: number) => void;

const kernelNames = {
  nearest: { 1: 'sampleNearest', 3: 'sampleNearest', 4: 'sampleNearest' },
  bilinear: { 1: 'sampleLinear1', 3: 'sampleLinear3', 4: 'sampleLinear4' },
  bicubic: { 1: 'sampleTaps', 3: 'sampleCubic3', 4: 'sampleCubic4' },
} as const;

/** Chooses the kernel; to be called before `reserve()`. The sampler gets {@link samplerBytes} of memory of its own. */
export function makeSampler(
  { width, height, channels }: Image,
  { filter, border, fill }: Sampling,
): (area: number) => Sampler {
  const table = filter === 'bicubic' ? constantTable('cubic weights', makeCubicTable) : 0;
  const name = kernelNames[filter][channels];
  const four = new Uint8Array(16);
  for (let i = 0; i < 4; i++) four.set(fill, i * fill.length);
  return (area) => {
    write(area, four);
    const kernels = transformKernels();
    return (source, { matrix, steady, width: outWidth, firstRow, rows, xs, ys }, out) => {
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
        borderCode(border),
        area,
        table,
        area + 16,
        out,
      );
    };
  };
}
