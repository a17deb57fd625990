import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';

/** A metric of batches of rows of scores, each with a target. */
export interface BatchMetric<Report> {
  update(scores: ArrayLike<number>, targets: ArrayLike<number | bigint>): void;
  compute(): Report;
}

/** {@link SlicedMetrics} as JSON: the metric over everything, and those of the slices in code unit order of their names. */
export interface SlicedMetricsJson {
  readonly version: 1;
  readonly all: unknown;
  readonly slices: readonly (readonly [name: string, metric: unknown])[];
}

const jsonSchema = z.object({
  version: z.literal(1),
  all: z.unknown(),
  slices: z.array(z.tuple([z.string(), z.unknown()])),
});

/**
 * The same metric over everything and over each slice of the data, such as camera, class of light or time of day, which
 * is where a model that is good on average turns out to be bad.
 *
 * ```ts
 * const metrics = new SlicedMetrics(() => new ClassificationMetrics({ classes: 3 }));
 * metrics.update(scores, labels, [['night', 'camera 2'], ['day'], []]);
 * metrics.slices().get('night')?.compute().accuracy;
 * ```
 *
 * Metrics of whole images, such as {@link DetectionMetrics}, take each image through {@link SlicedMetrics.add}.
 */
export class SlicedMetrics<Metric> {
  readonly #create: () => Metric;
  readonly #slices = new Map<string, Metric>();
  /** The metric over everything that was added. */
  readonly all: Metric;

  /** @param create - makes an empty metric; called once for everything and once for every slice */
  constructor(create: () => Metric) {
    this.#create = create;
    this.all = create();
  }

  /** The metric of one slice, made when it is asked for first. */
  of(slice: string): Metric {
    let metric = this.#slices.get(slice);
    if (metric === undefined) {
      metric = this.#create();
      this.#slices.set(slice, metric);
    }
    return metric;
  }

  /** The slices so far with their metrics, by name in code unit order. */
  slices(): ReadonlyMap<string, Metric> {
    return new Map([...this.#slices].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * Adds one thing, such as an image with its boxes or its mask, to the metric over everything and to those of its
   * slices: `metrics.add(['night'], (metric) => metric.update(id, detections, truth))`.
   *
   * @param update - called with each of these metrics
   */
  add(slices: readonly string[], update: (metric: Metric) => void): void {
    update(this.all);
    for (const name of new Set(slices)) update(this.of(name));
  }

  /**
   * Adds a batch to the metric over everything, and each row to the metrics of its slices.
   *
   * @param scores - `[N, width]` row-major
   * @param targets - `[N]` or `[N, width]`, as the metric takes them
   * @param slices - the slices of each row, `[N]`; a row may be in several, or in none
   * @throws PerceptError `INVALID_ARGUMENT` when the lengths do not fit, and what the metric throws
   */
  update(
    this: SlicedMetrics<Metric & BatchMetric<unknown>>,
    scores: ArrayLike<number>,
    targets: ArrayLike<number | bigint>,
    slices: readonly (readonly string[])[],
  ): void {
    const rows = slices.length;
    if (rows === 0 ? scores.length > 0 : scores.length % rows !== 0 || targets.length % rows !== 0) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected the slices of every row but received ${rows} rows of slices for ${scores.length} scores and ${targets.length} targets`,
      );
    }
    this.all.update(scores, targets);
    const rowsOf = new Map<string, number[]>();
    for (const [row, names] of slices.entries()) {
      for (const name of new Set(names)) {
        const members = rowsOf.get(name);
        if (members) members.push(row);
        else rowsOf.set(name, [row]);
      }
    }
    for (const [name, members] of rowsOf) {
      const [width, targetWidth] = [scores.length / rows, targets.length / rows];
      const picked = new Float64Array(members.length * width);
      const pickedTargets: (number | bigint)[] = [];
      for (const [at, row] of members.entries()) {
        for (let i = 0; i < width; i++) picked[at * width + i] = scores[row * width + i]!;
        for (let i = 0; i < targetWidth; i++) pickedTargets.push(targets[row * targetWidth + i]!);
      }
      this.of(name).update(picked, pickedTargets);
    }
  }

  /**
   * Adds everything that others saw, slice by slice.
   *
   * @throws what the metric throws when it is given one that does not fit
   */
  merge(this: SlicedMetrics<Metric & { merge(other: Metric): void }>, other: SlicedMetrics<Metric>): void {
    this.all.merge(other.all);
    for (const [name, metric] of other.#slices) this.of(name).merge(metric);
  }

  /** Everything needed to continue elsewhere: {@link SlicedMetrics.fromJSON}. */
  toJSON(this: SlicedMetrics<Metric & { toJSON(): unknown }>): SlicedMetricsJson {
    return {
      version: 1,
      all: this.all.toJSON(),
      slices: [...this.slices()].map(([name, metric]) => [name, metric.toJSON()] as const),
    };
  }

  /**
   * The metrics that {@link SlicedMetrics.toJSON} wrote.
   *
   * @param create - as for the constructor
   * @param read - the metric of its JSON, such as `ClassificationMetrics.fromJSON`
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form, and what `read` and the metric throw
   */
  static fromJSON<Metric extends { merge(other: Metric): void }>(
    json: unknown,
    create: () => Metric,
    read: (json: unknown) => Metric,
  ): SlicedMetrics<Metric> {
    const { all, slices } = parseOptions(jsonSchema, json, 'JSON of sliced metrics');
    const metrics = new SlicedMetrics(create);
    metrics.all.merge(read(all));
    for (const [name, metric] of slices) metrics.of(name).merge(read(metric));
    return metrics;
  }
}
