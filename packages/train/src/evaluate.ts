import { type BatchSource, type LongCallOptions, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import { ClassificationMetrics, type ClassificationReport } from '@percept/metrics';
import { type Model, type Runtime, writeModel } from '@percept/onnx';
import * as z from 'zod';

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends LongCallOptions {
  /** Runs the model. */
  runtime: Runtime;
  /** Threads within an operator, at least 1. Default: one per core. */
  threads?: number;
  /** Which top-k accuracies to compute. Default `[1]`. */
  topK?: number[];
}

const schema = z.strictObject({
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a runtime',
  ),
  threads: z.int().min(1).optional(),
  topK: z.array(z.int().min(1)).optional(),
  signal: z.unknown().optional(),
  onProgress: z.unknown().optional(),
});

/**
 * Scores a classifier on epoch 0 of `data`: a model with one image input `[N, C, H, W]` and one output of scores
 * `[N, classes]` (logits or probabilities), as an object or as the bytes of its file.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model has not that form, `ABORTED`, `INVALID_ARGUMENT`, and what the
 *   runtime and the data throw
 */
export async function evaluate(
  model: Model | Uint8Array,
  data: BatchSource,
  options: EvaluateOptions,
): Promise<ClassificationReport> {
  const { topK } = parseOptions(schema, options, 'evaluate() options');
  const classes = data.classes.length;
  const metrics = new ClassificationMetrics({ classes, ...(topK === undefined ? {} : { topK }) });
  await scoreBatches(model, data, options, (scores, labels) => metrics.update(scores, labels));
  return metrics.compute();
}

/** Runs the model over epoch 0 of `data` and hands the scores `[N, classes]` of each batch on. */
export async function scoreBatches(
  model: Model | Uint8Array,
  data: BatchSource,
  { runtime, threads, signal, onProgress }: EvaluateOptions,
  onScores: (scores: Float32Array, labels: BigInt64Array) => void,
): Promise<void> {
  throwIfAborted(signal);
  const bytes = model instanceof Uint8Array ? model : writeModel(model);
  const session = await runtime.createSession(bytes, threads === undefined ? {} : { threads });
  try {
    const [input] = session.inputs;
    const [output] = session.outputs;
    if (input === undefined || output === undefined || session.inputs.length !== 1) {
      throw new PerceptError(
        'TRAIN_MODEL_INVALID',
        `Expected a model with one input and an output but received ${session.inputs.length} and ${session.outputs.length}`,
      );
    }
    let done = 0;
    for await (const { inputs, labels } of data.batches({ epoch: 0, signal })) {
      const results = await session.run({ [input.name]: inputs }, { outputs: [output.name], transfer: true, signal });
      const scores = results[output.name]!;
      if (!(scores.data instanceof Float32Array) || scores.data.length !== labels.data.length * data.classes.length) {
        throw new PerceptError(
          'TRAIN_MODEL_INVALID',
          `Expected float32 scores [${labels.data.length}, ${data.classes.length}] but received ${scores.type} [${scores.dims.join(', ')}]`,
        );
      }
      onScores(scores.data, labels.data);
      onProgress?.({ stage: 'evaluate', done: ++done, total: data.batchesPerEpoch, unit: 'batches' });
    }
    throwIfAborted(signal);
  } finally {
    await session.close();
  }
}
