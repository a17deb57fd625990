import { PerceptError } from '@percept/core';

/** A metric of batches of rows of scores, each with a target. */
export interface BatchMetric<Report> {
  update(scores: ArrayLike<number>, targets: ArrayLike<number | bigint>): void;
  compute(): Report;
}

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
 * Metrics of whole images, such as {@link DetectionMetrics}, are updated through {@link SlicedMetrics.of}.
 */
export class SlicedMetrics<Metric> {
  readonly #create: () => Metric;
  readonly #slices = new Map<string, Metric>();
  /** The metric over everything that {@link SlicedMetrics.update} got. */
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
      for (const name of new Set(names)) rowsOf.set(name, [...(rowsOf.get(name) ?? []), row]);
    }
    for (const [name, members] of rowsOf) {
      this.of(name).update(pick(scores, members, rows), pick(targets, members, rows));
    }
  }
}

/** The given rows of a row-major array of `rows` rows. */
function pick<Value>(values: ArrayLike<Value>, members: readonly number[], rows: number): Value[] {
  const width = values.length / rows;
  return members.flatMap((row) => Array.from({ length: width }, (_, i) => values[row * width + i]!));
}
