import type { Interval } from '@percept/metrics';
import * as z from 'zod';
import type { PairedTest } from './paired-test.js';
import type { Machine } from './platform.js';

/** How good a model is, in one figure. */
export interface Score {
  /** What is measured: `accuracy`, `mean IoU`. */
  readonly metric: string;
  readonly value: number;
  /** Where it lies on more data of the same kind, where that is known. */
  readonly interval?: Interval | undefined;
  /** Which way is better. */
  readonly better: 'higher' | 'lower';
}

/** How long a model takes with a number of threads and a size of batch. */
export interface LatencyFigures {
  /** Threads that a run may use; absent: the runtime's choice. */
  readonly threads?: number | undefined;
  /** Images in a run. */
  readonly batch: number;
  /** Milliseconds of a run: median, and 95th percentile. */
  readonly p50: number;
  readonly p95: number;
  /** Where the median lies with the confidence of the comparison; absent with too few runs. */
  readonly p50Interval?: Interval | undefined;
  /** Images by the time that all runs together took. */
  readonly imagesPerSecond: number;
  /** Every run, in order. */
  readonly milliseconds: readonly number[];
}

/** What was measured of one model. */
export interface ComparisonRow {
  readonly name: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Size of the file after gzip, which is what travels over most networks. */
  readonly gzipBytes: number;
  /** Milliseconds of a run in the first setting (one image, unless asked otherwise): median, and 95th percentile. */
  readonly latency: { readonly p50: number; readonly p95: number };
  /** Latencies in every setting that the model can run in, by threads, then by batch. */
  readonly latencies: readonly LatencyFigures[];
  readonly score: Score;
  /** Share of images given their class, 0..1; of classifiers only. */
  readonly accuracy?: number | undefined;
  /** Wilson's interval of `accuracy`. */
  readonly accuracyInterval?: Interval | undefined;
  /** Share of images given the same class as the first model gives, 0..1; of classifiers only. */
  readonly agreement?: number | undefined;
  /** Wilson's interval of `agreement`. */
  readonly agreementInterval?: Interval | undefined;
  /** Whether a difference in accuracy to the first model may be chance; of the classifiers after the first. */
  readonly paired?: PairedTest | undefined;
  /** Elements of the weights; absent where the file cannot be read as ONNX. */
  readonly parameters?: number | undefined;
  /** Multiply-accumulates for one image; absent where they cannot be counted. */
  readonly macs?: number | undefined;
  /** Peak memory that opening and running adds to a process, in bytes, in the first setting; absent where it is not known. */
  readonly memoryBytes?: number | undefined;
  /** Whether no other model has a score at least as good and a median latency at least as low, and one of them better. */
  readonly pareto: boolean;
}

/** What was measured of a classifier. */
export interface ClassifierRow extends ComparisonRow {
  readonly accuracy: number;
  readonly accuracyInterval: Interval;
  readonly agreement: number;
  readonly agreementInterval: Interval;
}

/** Everything that a comparison found. */
export interface ComparisonFigures<Row extends ComparisonRow = ComparisonRow> {
  /** In the order of the models; the first one is what the others are held against. */
  readonly rows: readonly Row[];
  /** Images that the scores were measured on; absent where only the caller's `evaluate` knows. */
  readonly images?: number | undefined;
  /** Confidence of all intervals, in (0, 1). */
  readonly confidence: number;
  /** Name of the runtime. */
  readonly runtime: string;
  readonly machine: Machine;
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
}

/** A comparison as JSON. Fields may be added under a version; none will change its meaning. */
export interface ComparisonJson<Row extends ComparisonRow = ComparisonRow> extends ComparisonFigures<Row> {
  readonly schema: 'percept.comparison';
  readonly version: 1;
}

const interval = z.object({ lower: z.number(), upper: z.number() });
const count = z.int().min(0);
const milliseconds = z.number().min(0);

/** The form of {@link ComparisonJson}; fields that a later release added are let through. */
export const comparisonJsonSchema = z.looseObject({
  schema: z.literal('percept.comparison'),
  version: z.literal(1),
  images: count.optional(),
  confidence: z.number().gt(0).lt(1),
  runtime: z.string(),
  machine: z.looseObject({
    cpu: z.string().optional(),
    cores: count,
    extensions: z.array(z.string()).optional(),
    host: z.string(),
  }),
  notes: z.array(z.string()),
  rows: z
    .array(
      z.looseObject({
        name: z.string(),
        bytes: count,
        gzipBytes: count,
        latency: z.object({ p50: milliseconds, p95: milliseconds }),
        latencies: z
          .array(
            z.looseObject({
              threads: count.optional(),
              batch: count,
              p50: milliseconds,
              p95: milliseconds,
              p50Interval: interval.optional(),
              imagesPerSecond: z.number().min(0),
              milliseconds: z.array(milliseconds),
            }),
          )
          .min(1),
        score: z.looseObject({
          metric: z.string(),
          value: z.number(),
          interval: interval.optional(),
          better: z.enum(['higher', 'lower']),
        }),
        accuracy: z.number().optional(),
        accuracyInterval: interval.optional(),
        agreement: z.number().optional(),
        agreementInterval: interval.optional(),
        paired: z.object({ gained: count, lost: count, p: z.number() }).optional(),
        parameters: count.optional(),
        macs: z.number().min(0).optional(),
        memoryBytes: count.optional(),
        pareto: z.boolean(),
      }),
    )
    .min(1),
});
