import { type LongCallOptions, PerceptError, type Tensor, throwIfAborted } from '@percept/core';
import { type Model, type Node, type Runtime, type Session, type ValueInfo, writeModel } from '@percept/onnx';
import { FreshNames, requiredInputs } from '../../graph/graph-values.js';
import { type CalibrationData, type Feeds, feedsOf, imagesIn, slice } from './calibration-data.js';
import type { Calibrator, ObservedBatch, Observer } from './calibrator.js';
import type { Range } from './clip-range.js';

/** Options of {@link measureRanges}. */
export interface MeasureOptions extends LongCallOptions {
  readonly runtime: Runtime;
  readonly data: CalibrationData;
  /** Names of the values to measure. */
  readonly values: readonly string[];
  readonly calibrator: Calibrator;
  /** Images to look at, at most; all when absent. */
  readonly images?: number | undefined;
  /**
   * Numbers that may leave the runtime in one run; batches of more are shown to the observers in parts, of one image at
   * least. Default 2^24 (64 MB).
   */
  readonly numbersAtOnce?: number;
}

/** What {@link measureRanges} found. */
export interface MeasuredRanges {
  /** Images seen. */
  readonly images: number;
  /** By the name of the value. */
  readonly ranges: Map<string, Range>;
}

/**
 * Finds the ranges of values of a model over images. Where extremes will do, their reductions are part of the graph that
 * is run, and a few numbers leave the runtime; where values must be counted, no more leave it at once than those of one
 * image or `numbersAtOnce`. Memory is that of one forward pass and the histograms, however many images there are.
 *
 * @throws PerceptError `OPTIMIZE_NO_CALIBRATION_DATA`, `OPTIMIZE_NOT_FINITE`, `OPTIMIZE_UNSUPPORTED_MODEL`, `ABORTED`
 */
export async function measureRanges(model: Model, options: MeasureOptions): Promise<MeasuredRanges> {
  const { runtime, data, values, calibrator, images: limit, numbersAtOnce = 2 ** 24, signal, onProgress } = options;
  const inputs = requiredInputs(model.graph).map((input) => input.name);
  const observers = new Map(values.map((value) => [value, calibrator.observer()]));
  const probe = calibrator.countsValues
    ? new ValueProbe(model, values, numbersAtOnce)
    : new ExtremesProbe(model, values);
  let images = 0;
  const session = await runtime.createSession(writeModel(probe.model));
  try {
    for await (const feeds of feedsOf(data, inputs, limit, signal)) {
      throwIfAborted(signal);
      const count = imagesIn(feeds, inputs);
      for await (const [value, batch] of probe.run(session, feeds, count, signal)) {
        if (!batch.extremes.every(Number.isFinite)) throw notFinite(value, images);
        observers.get(value)!.observe(batch);
      }
      images += count;
      onProgress?.({
        stage: 'calibrate',
        done: images,
        unit: 'images',
        ...(limit === undefined ? {} : { total: limit }),
      });
    }
  } finally {
    await session.close();
  }
  if (images === 0) {
    throw new PerceptError(
      'OPTIMIZE_NO_CALIBRATION_DATA',
      'Expected at least one image for calibration but received none. Give some hundred images like those the model will see',
    );
  }
  return {
    images,
    ranges: new Map([...observers].map(([value, observer]: [string, Observer]) => [value, observer.range()])),
  };
}

/** A model that gives away what observers are to be told, and how to read it off a run. */
interface Probe {
  readonly model: Model;
  run(
    session: Session,
    feeds: Feeds,
    images: number,
    signal: AbortSignal | undefined,
  ): AsyncIterable<readonly [value: string, batch: ObservedBatch]>;
}

/** The model with nothing but reductions of values as outputs. */
class ExtremesProbe implements Probe {
  readonly model: Model;
  readonly #reductions: Map<string, string[]>;

  constructor(model: Model, values: readonly string[]) {
    const reductions = new Reductions(model, ['ReduceMin', 'ReduceMax', 'ReduceSum']);
    this.#reductions = new Map(values.map((value) => [value, reductions.add(value)]));
    this.model = reductions.model([]);
  }

  async *run(session: Session, feeds: Feeds, _images: number, signal: AbortSignal | undefined) {
    const results = await session.run(feeds, { signal });
    for (const [value, names] of this.#reductions) {
      const [minimum, maximum, sum] = names.map((name) => Number(results[name]!.data[0])) as [number, number, number];
      // The sum is there for NaN alone, which minimum and maximum may skip; finite values may well sum to infinity.
      const extremes: Range = Number.isNaN(sum) ? [Number.NaN, Number.NaN] : [minimum, maximum];
      yield [value, { extremes }] as const;
    }
  }
}

/** The model with the values themselves as outputs, and their sizes, by which it is decided how many images to run. */
class ValueProbe implements Probe {
  readonly model: Model;
  readonly #values: readonly string[];
  readonly #inner: readonly string[];
  readonly #sizes: readonly string[];
  readonly #splittable: boolean;
  readonly #numbersAtOnce: number;
  /** Numbers that leave the runtime for one image; unknown before the first run. */
  #perImage: number | undefined;

  constructor(model: Model, values: readonly string[], numbersAtOnce: number) {
    const inputs = requiredInputs(model.graph);
    this.#numbersAtOnce = numbersAtOnce;
    this.#values = values;
    // What is fed needs not come back.
    this.#inner = values.filter((value) => !inputs.some((input) => input.name === value));
    this.#splittable = inputs.every((input) => typeof input.dims?.[0] !== 'number');
    const reductions = new Reductions(model, ['Size']);
    this.#sizes = this.#inner.flatMap((value) => reductions.add(value));
    this.model = reductions.model(this.#inner);
  }

  async *run(session: Session, feeds: Feeds, images: number, signal: AbortSignal | undefined) {
    const atOnce = await this.#imagesAtOnce(session, feeds, images, signal);
    for (let from = 0; from < images; from += atOnce) {
      const part = slice(feeds, images, from, Math.min(images, from + atOnce));
      const results: Feeds = this.#inner.length === 0 ? {} : await session.run(part, { outputs: this.#inner, signal });
      for (const value of this.#values) {
        const values = (results[value] ?? part[value]!).data as Float32Array;
        yield [value, { extremes: extremesOf(values), values }] as const;
      }
    }
  }

  async #imagesAtOnce(
    session: Session,
    feeds: Feeds,
    images: number,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    if (!this.#splittable || images === 1 || this.#inner.length === 0) return images;
    if (this.#perImage === undefined) {
      const sizes = await session.run(slice(feeds, images, 0, 1), { outputs: this.#sizes, signal });
      this.#perImage = Object.values(sizes).reduce((sum, { data }: Tensor) => sum + Number(data[0]), 0);
    }
    return Math.max(1, Math.min(images, Math.floor(this.#numbersAtOnce / this.#perImage)));
  }
}

/** Smallest and largest number; NaN when one is. */
function extremesOf(values: Float32Array): Range {
  let [minimum, maximum, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    sum += value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (Number.isNaN(sum)) return [Number.NaN, Number.NaN];
  return values.length === 0 ? [0, 0] : [minimum, maximum];
}

/** Adds nodes that make one number of a value each. */
class Reductions {
  readonly #source: Model;
  readonly #opTypes: readonly string[];
  readonly #names: FreshNames;
  readonly #nodes: Node[] = [];
  readonly #outputs: ValueInfo[] = [];

  constructor(model: Model, opTypes: readonly string[]) {
    this.#source = model;
    this.#opTypes = opTypes;
    this.#names = new FreshNames(model.graph);
  }

  /** Names of the numbers, in the order of the operators. */
  add(value: string): string[] {
    return this.#opTypes.map((opType) => {
      const output = this.#names.take(`${value}_${opType}`);
      const attributes: Node['attributes'] = opType === 'Size' ? {} : { keepdims: { type: 'int', value: 0 } };
      this.#nodes.push({ name: '', opType, domain: '', inputs: [value], outputs: [output], attributes, docString: '' });
      this.#outputs.push({ name: output, type: opType === 'Size' ? 'int64' : 'float32', dims: [], docString: '' });
      return output;
    });
  }

  /** The model with the values given and the numbers as its outputs. */
  model(values: readonly string[]): Model {
    const { graph } = this.#source;
    const whole = values.map((name): ValueInfo => ({ name, type: 'float32', dims: undefined, docString: '' }));
    const outputs = [...whole, ...this.#outputs];
    return { ...this.#source, graph: { ...graph, nodes: [...graph.nodes, ...this.#nodes], outputs } };
  }
}

function notFinite(value: string, images: number): PerceptError {
  return new PerceptError(
    'OPTIMIZE_NOT_FINITE',
    `Expected finite numbers in ${value} for calibration but received NaN or infinity after ${images} images. Look for them in the data, then in the weights`,
    { details: { value, images } },
  );
}
