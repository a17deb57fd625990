import {
  type Batch,
  type BatchSource,
  type LongCallOptions,
  PerceptError,
  parseOptions,
  throwIfAborted,
} from '@percept/core';
import { ClassificationMetrics, winningClass } from '@percept/metrics';
import type { Runtime, Session } from '@percept/onnx';
import * as z from 'zod';
import { firstImages } from '../quantize/calibrate.js';
import { Comparison, type ComparisonRow } from './comparison.js';
import { gzipSize } from './gzip-size.js';
import { interleavedLatencies, quantile } from './latency.js';

/** A model to compare: a name for the table, and its file's bytes. */
export interface NamedModel {
  readonly name: string;
  readonly model: Uint8Array;
}

/** Options of {@link compareModels}. */
export interface CompareModelsOptions extends LongCallOptions {
  /** Labelled images; epoch 0 is read once. */
  readonly data: BatchSource;
  readonly runtime: Runtime;
  /** Threads that one run may use. Default: the runtime's. */
  readonly threads?: number;
  /** How many timed runs each model makes, after `warmUp` untimed ones. Default 100 after 10. */
  readonly latency?: { readonly runs?: number; readonly warmUp?: number };
}

const schema = z.strictObject({
  data: z.custom<BatchSource>(
    (value) => typeof (value as BatchSource | undefined)?.batches === 'function',
    'a BatchSource',
  ),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  threads: z.int().min(1).optional(),
  latency: z.strictObject({ runs: z.int().min(1).default(100), warmUp: z.int().min(0).default(10) }).prefault({}),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});
const modelsSchema = z
  .array(z.object({ name: z.string().min(1), model: z.instanceof(Uint8Array, { error: 'a Uint8Array' }) }))
  .min(1)
  .refine((models) => new Set(models.map(({ name }) => name)).size === models.length, 'models of different names');

/**
 * Measures what classifiers cost and what they can: bytes on disk and gzipped, latency of one image, accuracy, and how
 * often each gives the same class as the first model. All models see the same images in the same order.
 *
 * Latency is the time of `session.run` with a batch of one, as the caller sees it. The runs of the models alternate,
 * and who goes first rotates, so that a machine that slows down slows all of them. A sample that a model leaves
 * undecided (a tie, NaN) counts as wrong and as disagreement, as in {@link ClassificationMetrics}.
 *
 * @throws PerceptError `OPTIMIZE_NO_DATA` when `data` is empty; `OPTIMIZE_NOT_A_CLASSIFIER` when a model has several
 *   inputs or its first output is not one float32 score per class; `INVALID_ARGUMENT`; `ABORTED`; what the runtime throws
 */
export async function compareModels(models: readonly NamedModel[], options: CompareModelsOptions): Promise<Comparison> {
  const { data, runtime, threads, latency, signal, onProgress } = parseOptions(
    schema,
    options,
    'compareModels() options',
  );
  parseOptions(modelsSchema, models, 'compareModels() models');
  throwIfAborted(signal);
  const contestants: Contestant[] = [];
  try {
    for (const { name, model } of models) {
      const session = await runtime.createSession(model, threads === undefined ? {} : { threads });
      contestants.push(new Contestant(name, session, data.classes.length));
    }
    const one = firstImages((await firstBatch(data, signal)).inputs, 1);
    const runs = contestants.map((contestant) => () => contestant.scores(one, signal));
    const times = await interleavedLatencies(runs, { ...latency, signal, onProgress });
    const images = await score(contestants, data, { signal, onProgress });
    const rows = contestants.map(async (contestant, index): Promise<ComparisonRow> => {
      const { model } = models[index]!;
      const milliseconds = times[index]!.toSorted((a, b) => a - b);
      return {
        name: contestant.name,
        bytes: model.length,
        gzipBytes: await gzipSize(model),
        latency: { p50: quantile(milliseconds, 0.5), p95: quantile(milliseconds, 0.95) },
        accuracy: contestant.metrics.compute().accuracy,
        agreement: contestant.agreed / images,
      };
    });
    return new Comparison(await Promise.all(rows), images);
  } finally {
    for (const contestant of contestants) await contestant.session.close();
  }
}

/** A model under comparison and what is known of it so far. */
class Contestant {
  readonly name: string;
  readonly session: Session;
  readonly metrics: ClassificationMetrics;
  /** Samples on which it gave the same class as the first model. */
  agreed = 0;
  readonly #classes: number;

  constructor(name: string, session: Session, classes: number) {
    this.name = name;
    this.session = session;
    this.metrics = new ClassificationMetrics({ classes });
    this.#classes = classes;
  }

  /** Scores of a batch, `[N, classes]`. */
  async scores(inputs: Batch['inputs'], signal: AbortSignal | undefined): Promise<Float32Array> {
    const [input, another] = this.session.inputs;
    const output = this.session.outputs[0];
    if (input === undefined || another !== undefined || output === undefined)
      throw this.#notAClassifier('other inputs and outputs');
    const results = await this.session.run({ [input.name]: inputs }, { outputs: [output.name], signal });
    const scores = results[output.name]!;
    if (scores.type !== 'float32' || scores.data.length !== inputs.dims[0]! * this.#classes) {
      throw this.#notAClassifier(`${scores.type} [${scores.dims.join(', ')}]`);
    }
    return scores.data as Float32Array;
  }

  #notAClassifier(received: string): PerceptError {
    return new PerceptError(
      'OPTIMIZE_NOT_A_CLASSIFIER',
      `Expected one input, and float32 [N, ${this.#classes}] as first output, for model ${this.name} but received ${received}. The data must have the classes that the model knows`,
    );
  }
}

async function score(
  contestants: readonly Contestant[],
  data: BatchSource,
  { signal, onProgress }: LongCallOptions,
): Promise<number> {
  let images = 0;
  let done = 0;
  for await (const batch of data.batches({ epoch: 0, signal })) {
    let first: Int32Array | undefined;
    for (const contestant of contestants) {
      throwIfAborted(signal);
      const scores = await contestant.scores(batch.inputs, signal);
      contestant.metrics.update(scores, batch.labels.data);
      const classes = decidedClasses(scores, data.classes.length);
      first ??= classes;
      contestant.agreed += classes.filter((chosen, index) => chosen >= 0 && chosen === first![index]).length;
    }
    images += batch.inputs.dims[0]!;
    done++;
    onProgress?.({ stage: 'measure accuracy', done, total: data.batchesPerEpoch, unit: 'batches' });
  }
  return images;
}

/** The class of each sample whose score is strictly above all others, −1 where there is none. */
function decidedClasses(scores: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, sample) =>
    winningClass(scores, sample * classes, classes),
  );
}

async function firstBatch(data: BatchSource, signal: AbortSignal | undefined): Promise<Batch> {
  for await (const batch of data.batches({ epoch: 0, signal })) if (batch.inputs.dims[0]! > 0) return batch;
  throw new PerceptError(
    'OPTIMIZE_NO_DATA',
    'Expected at least one labelled image to compare models on but received none',
  );
}
