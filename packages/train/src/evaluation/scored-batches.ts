import {
  type Batch,
  type BatchSource,
  type LongCallOptions,
  PerceptError,
  type Tensor,
  throwIfAborted,
} from '@percept/core';
import { type Model, type Runtime, writeModel } from '@percept/onnx';

/** A batch with what a model says of it. */
export interface ScoredBatch {
  readonly keys: readonly string[];
  /** Place of the first sample in the epoch. */
  readonly start: number;
  readonly labels: Batch['labels'];
  readonly scores: Tensor<'float32'>;
  /** What it was made of, for sources that give more than that; the inputs are gone. */
  readonly batch: Batch;
}

/** Options of {@link scoredBatches}. */
export interface ScoringOptions extends LongCallOptions {
  runtime: Runtime;
  threads?: number | undefined;
  /** Name of the output with the scores; the usual one by default. */
  output?: string | undefined;
}

/**
 * Runs a model of one image input over epoch 0 of `data`.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model has not that form, `TRAIN_DATA_INVALID` without batches,
 *   `ABORTED`, and what the runtime and the data throw
 */
export async function* scoredBatches(
  model: Model | Uint8Array,
  data: BatchSource,
  { runtime, threads, output: wanted, signal, onProgress }: ScoringOptions,
): AsyncGenerator<ScoredBatch, void, undefined> {
  throwIfAborted(signal);
  const bytes = model instanceof Uint8Array ? model : writeModel(model);
  const session = await runtime.createSession(bytes, threads === undefined ? {} : { threads });
  try {
    const [input] = session.inputs;
    const output = scoresOutput(session.outputs, wanted);
    if (input === undefined || session.inputs.length !== 1) {
      throw new PerceptError(
        'TRAIN_MODEL_INVALID',
        `Expected a model with one input and an output but received ${session.inputs.length} and ${session.outputs.length}`,
      );
    }
    let done = 0;
    let start = 0;
    for await (const batch of data.batches({ epoch: 0, signal })) {
      const { keys, inputs, labels } = batch;
      const rows = inputs.dims[0]!;
      const results = await session.run({ [input.name]: inputs }, { outputs: [output], transfer: true, signal });
      const scores = results[output]!;
      if (!(scores.data instanceof Float32Array) || scores.dims[0] !== rows || labels.dims[0] !== rows) {
        throw new PerceptError(
          'TRAIN_MODEL_INVALID',
          `Expected float32 scores for ${rows} images and as many labels but received ${scores.type} [${scores.dims.join(', ')}] and labels [${labels.dims.join(', ')}]`,
        );
      }
      yield { keys, start, labels, scores: scores as Tensor<'float32'>, batch };
      start += rows;
      onProgress?.({ stage: 'evaluate', done: ++done, total: data.batchesPerEpoch, unit: 'batches' });
    }
    throwIfAborted(signal);
    if (start === 0) {
      throw new PerceptError(
        'TRAIN_DATA_INVALID',
        'Expected at least one batch to evaluate but received none. Add samples, or keep the last batch (dropLast: false)',
      );
    }
  } finally {
    await session.close();
  }
}

/** The name of the output with the scores among those of a model. */
export function scoresOutput(outputs: readonly { readonly name: string }[], wanted: string | undefined): string {
  const names = outputs.map(({ name }) => name);
  const found =
    wanted === undefined
      ? (names.find((name) => name === 'logits' || name === 'probabilities') ?? names[0])
      : names.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new PerceptError(
    'TRAIN_MODEL_INVALID',
    `Expected a model with an output${wanted === undefined ? '' : ` ${wanted}`} but received one with ${names.join(', ') || 'none'}`,
  );
}
