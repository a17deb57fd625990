import { type BatchSource, type LongCallOptions, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import { type Model, type Runtime, writeModel } from '@percept/onnx';
import { crossEntropy, differentiate, type Loss } from '@percept/train';
import * as z from 'zod';
import { requiredInputs } from '../graph/graph-values.js';
import { notFinite, type WeightGradients } from './importance.js';
import { prepareForPruning } from './prepare-for-pruning.js';
import { weightedNodes } from './weighted-nodes.js';

/** Options of {@link weightGradients}. */
export interface WeightGradientsOptions extends LongCallOptions {
  /** Labelled batches like those of the training; epoch 0 of it. */
  readonly data: BatchSource;
  /** Runs the gradient graph. */
  readonly runtime: Runtime;
  /** Default `crossEntropy()`. */
  readonly loss?: Loss;
  /** Batches to look at, at most, at least 1. Some ten are enough. Default 16. */
  readonly batches?: number;
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
  loss: z.custom<Loss>((value) => typeof (value as Loss | undefined)?.emit === 'function', 'a loss').optional(),
  batches: z.int().min(1).default(16),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/**
 * How steeply the loss depends on each weight: the magnitude of its gradient, averaged over batches, for the criterion
 * `{ taylor: await weightGradients(…) }` of `pruneChannels`. Normalizations compute with the statistics of the batch, as in
 * training. Batches of another size than the first are left out.
 *
 * @throws PerceptError `OPTIMIZE_NO_DATA` when no batch came; `OPTIMIZE_NOT_FINITE`; `INVALID_ARGUMENT`; `ABORTED`; as
 *   `differentiate` (`TRAIN_UNSUPPORTED`, `TRAIN_MODEL_INVALID`) and the runtime
 */
export async function weightGradients(model: Model, options: WeightGradientsOptions): Promise<WeightGradients> {
  const parsed = parseOptions(schema, options, 'weightGradients() options');
  const { data, runtime, loss = crossEntropy(), batches: limit, signal, onProgress } = parsed;
  const prepared = prepareForPruning(model);
  const weights = weightedNodes(prepared.graph);
  const input = requiredInputs(prepared.graph)[0]?.name ?? '';
  const sums = new Map(weights.map(({ weight, value }) => [weight, new Float64Array(value.data.length)]));
  let session: Awaited<ReturnType<Runtime['createSession']>> | undefined;
  let shape = '';
  let seen = 0;
  try {
    for await (const { inputs, labels } of data.batches({ epoch: 0, signal })) {
      throwIfAborted(signal);
      if (session === undefined) {
        const wrt = weights.map(({ weight }) => weight);
        const graph = differentiate(prepared, { inputDims: inputs.dims, loss, wrt });
        session = await runtime.createSession(writeModel(graph));
        shape = inputs.dims.join();
      }
      if (inputs.dims.join() !== shape) continue;
      const known = Object.fromEntries(weights.map(({ weight, value }) => [weight, value]));
      const results = await session.run({ ...known, [input]: inputs, labels }, { signal });
      for (const [name, sum] of sums) {
        const gradient = results[`gradient.${name}`]!.data as Float32Array;
        for (let at = 0; at < sum.length; at++) sum[at]! += Math.abs(gradient[at]!);
      }
      seen++;
      onProgress?.({ stage: 'weigh gradients', done: seen, total: limit, unit: 'batches' });
      if (seen === limit) break;
    }
  } finally {
    await session?.close();
  }
  if (seen === 0) {
    throw new PerceptError(
      'OPTIMIZE_NO_DATA',
      'Expected at least one batch for gradients of the weights but received none. Give labelled images like those of the training',
    );
  }
  return new Map(
    [...sums].map(([name, sum]) => {
      if (!sum.every(Number.isFinite)) throw notFinite(name);
      return [name, Float32Array.from(sum, (value) => value / seen)];
    }),
  );
}
