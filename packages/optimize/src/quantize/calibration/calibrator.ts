import * as z from 'zod';
import {
  entropyRange,
  leastSquaresRange,
  percentileRange,
  type Range,
  symmetricPercentileRange,
} from './clip-range.js';
import { MagnitudeHistogram, SignedHistogram } from './histogram.js';

/** How the range of a value is found from the batches; plain data, so that a record of it can be kept. */
export type CalibrationMethod =
  /** The smallest and largest value seen. */
  | { readonly method: 'min-max'; readonly symmetric?: boolean | undefined }
  /**
   * Averages of the batches' extremes. The first `batches` batches are averaged plainly; the mean of each further group
   * moves the average by `constant` (0.01) of the way. 1 batch (default) weighs every batch; `'all'` is one plain average.
   * onnxruntime.quantization: `CalibMovingAverage`, `CalibMovingAverageConstant` and `CalibStridedMinMax`, whose absence is
   * `'all'`.
   */
  | {
      readonly method: 'moving-average';
      readonly constant?: number | undefined;
      readonly batches?: number | 'all' | undefined;
      readonly symmetric?: boolean | undefined;
    }
  /**
   * The range that holds `percentile` per cent of the values (99.999), half of the rest lying on either side; with
   * `symmetric`, of their magnitudes. `bins` (2048) of the first batch.
   */
  | {
      readonly method: 'percentile';
      readonly percentile?: number | undefined;
      readonly symmetric?: boolean | undefined;
      readonly bins?: number | undefined;
    }
  /** Least Kullback-Leibler divergence after quantizing to `quantizedBins` (128); `bins` (128) of the first batch. */
  | {
      readonly method: 'entropy';
      readonly bins?: number | undefined;
      readonly quantizedBins?: number | undefined;
    }
  /** Least squared error after rounding to 256 levels; `bins` (2048) of the first batch. */
  | { readonly method: 'mse'; readonly bins?: number | undefined };

const symmetric = z.boolean().optional();
// An even number of bins: zero is an edge.
const bins = z.int().min(2).max(8192).multipleOf(2).optional();

/** The form of a {@link CalibrationMethod}. */
export const calibrationMethodSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('min-max'), symmetric }),
  z.strictObject({
    method: z.literal('moving-average'),
    constant: z.number().min(0).max(1).optional(),
    batches: z.union([z.int().min(1), z.literal('all')]).optional(),
    symmetric,
  }),
  z.strictObject({
    method: z.literal('percentile'),
    percentile: z.number().min(0).max(100).optional(),
    symmetric,
    bins,
  }),
  z.strictObject({ method: z.literal('entropy'), bins, quantizedBins: bins }),
  z.strictObject({ method: z.literal('mse'), bins }),
]);

/** What an observer is told of a value: its extremes over a batch and, if it counts values, all of them. */
export interface ObservedBatch {
  readonly extremes: Range;
  readonly values?: Float32Array;
}

/** Follows one value over the batches, in memory that does not grow with them. */
export interface Observer {
  observe(batch: ObservedBatch): void;
  /** The range found from what was observed; at least one batch. */
  range(): Range;
}

/** A way to find ranges: makes an observer for each value. */
export interface Calibrator {
  /** Whether observers must be shown the values, or need their extremes alone. */
  readonly countsValues: boolean;
  observer(): Observer;
}

/** The calibrator of a method. Scales from its ranges equal those of onnxruntime.quantization, see the goldens. */
export function calibratorOf(method: CalibrationMethod): Calibrator {
  switch (method.method) {
    case 'min-max':
      return { countsValues: false, observer: () => new ExtremesObserver(method.symmetric ?? false) };
    case 'moving-average': {
      const { constant = 0.01, batches = 1, symmetric = false } = method;
      const group = batches === 'all' ? Number.POSITIVE_INFINITY : batches;
      return { countsValues: false, observer: () => new AverageObserver(constant, group, symmetric) };
    }
    case 'percentile': {
      const { percentile = 99.999, symmetric = false, bins = 2048 } = method;
      return symmetric
        ? counting(
            () => new MagnitudeHistogram(bins, mostBins.percentile),
            (histogram, extremes) => symmetricPercentileRange(histogram, percentile, extremes),
          )
        : counting(
            () => new SignedHistogram(bins, mostBins.percentile),
            (histogram, extremes) => percentileRange(histogram, percentile, extremes),
          );
    }
    case 'entropy': {
      const { bins = 128, quantizedBins = 128 } = method;
      return counting(
        () => new SignedHistogram(bins, mostBins.entropy),
        (histogram, extremes) => entropyRange(histogram, quantizedBins, extremes),
      );
    }
    case 'mse': {
      const { bins = 2048 } = method;
      return counting(
        () => new SignedHistogram(bins, mostBins.mse),
        (histogram, extremes) => leastSquaresRange(histogram, 256, extremes),
      );
    }
  }
}

function counting<Kind extends SignedHistogram | MagnitudeHistogram>(
  histogram: () => Kind,
  clip: Clip<Kind>,
): Calibrator {
  return { countsValues: true, observer: () => new CountingObserver(histogram(), clip) };
}

/**
 * Most bins of a histogram. One outlier a million times larger than what came before would otherwise take gigabytes; the
 * entropy search takes time with the square of them. onnxruntime has no limit; up to this one the results are the same.
 */
const mostBins = { percentile: 2 ** 16, entropy: 2 ** 14, mse: 2 ** 13 } as const;

const nothing: Range = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

function union([low, high]: Range, [minimum, maximum]: Range): Range {
  return [Math.min(low, minimum), Math.max(high, maximum)];
}

function aroundZero([low, high]: Range, symmetric: boolean): Range {
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  return symmetric ? [-magnitude, magnitude] : [low, high];
}

class ExtremesObserver implements Observer {
  readonly #symmetric: boolean;
  #range = nothing;

  constructor(symmetric: boolean) {
    this.#symmetric = symmetric;
  }

  observe({ extremes }: ObservedBatch): void {
    this.#range = union(this.#range, extremes);
  }

  range(): Range {
    return aroundZero(this.#range, this.#symmetric);
  }
}

class AverageObserver implements Observer {
  readonly #constant: number;
  readonly #group: number;
  readonly #symmetric: boolean;
  #sum: Range = [0, 0];
  #count = 0;
  #average: Range | undefined;

  constructor(constant: number, group: number, symmetric: boolean) {
    this.#constant = constant;
    this.#group = group;
    this.#symmetric = symmetric;
  }

  observe({ extremes }: ObservedBatch): void {
    this.#sum = [this.#sum[0] + extremes[0], this.#sum[1] + extremes[1]];
    this.#count++;
    if (this.#count < this.#group) return;
    this.#average = this.range();
    this.#sum = [0, 0];
    this.#count = 0;
  }

  range(): Range {
    if (this.#count === 0) return this.#average!;
    const mean = aroundZero([this.#sum[0] / this.#count, this.#sum[1] / this.#count], this.#symmetric);
    const old = this.#average;
    const moved = (side: 0 | 1) =>
      Math.fround(old === undefined ? mean[side] : old[side] + this.#constant * (mean[side] - old[side]));
    return [moved(0), moved(1)];
  }
}

type Clip<Kind> = (histogram: Kind, extremes: Range) => Range;

class CountingObserver<Kind extends SignedHistogram | MagnitudeHistogram> implements Observer {
  readonly #histogram: Kind;
  readonly #clip: Clip<Kind>;
  #extremes = nothing;

  constructor(histogram: Kind, clip: Clip<Kind>) {
    this.#histogram = histogram;
    this.#clip = clip;
  }

  observe({ extremes, values = new Float32Array() }: ObservedBatch): void {
    this.#histogram.add(values, Math.max(Math.abs(extremes[0]), Math.abs(extremes[1])));
    this.#extremes = union(this.#extremes, extremes);
  }

  range(): Range {
    return this.#clip(this.#histogram, this.#extremes);
  }
}
