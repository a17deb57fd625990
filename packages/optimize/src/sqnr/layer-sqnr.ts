import {
  type BatchSource,
  type LongCallOptions,
  PerceptError,
  parseOptions,
  type Tensor,
  throwIfAborted,
} from '@percept/core';
import { type Graph, type Model, type Node, type Runtime, writeModel } from '@percept/onnx';
import { inferTypes } from '@percept/onnx/graph';
import * as z from 'zod';
import { firstImages } from '../compare/first-images.js';
import { foldBatchNorm } from '../graph/fold-batch-norm.js';
import { requiredInputs } from '../graph/graph-values.js';
import { isStandard } from '../graph/simplify.js';
import { matchedValues } from './matched-values.js';
import { matchedWeights } from './matched-weights.js';
import { measuringModel, type Powers } from './measuring-model.js';
import { SqnrReport, type ValueSqnr, type WeightSqnr } from './sqnr-report.js';

/** Options of {@link layerSqnr}. */
export interface LayerSqnrOptions extends LongCallOptions {
  /** Preprocessed images, in batches `[N, …]`, read once; of a `BatchSource`, epoch 0. Some tens are enough. */
  readonly data: AsyncIterable<Tensor<'float32'>> | BatchSource;
  readonly runtime: Runtime;
  /** Images to use, at most, at least 1. Default: all that `data` gives. */
  readonly images?: number;
  /** Whether to find what each node loses alone too, which takes half the memory and time again. Default `true`. */
  readonly alone?: boolean;
}

const schema = z.strictObject({
  data: z.custom<LayerSqnrOptions['data']>(
    (value) => typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || 'batches' in value),
    'an async iterable of tensors or a BatchSource',
  ),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  images: z.int().min(1).optional(),
  alone: z.boolean().default(true),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/**
 * Finds where a quantized model (QDQ form) loses precision: the signal-to-quantization-noise ratio of every value and
 * weight that it and the float model have in common, by name. The ratios are those of onnxruntime.quantization's
 * `qdq_loss_debug`: `cumulative` is its `xmodel_err`, `conversion` its `qdq_err`; `alone` is what its `xmodel_err` would
 * be of a model of which only that node is quantized.
 *
 * BatchNormalization of the float model is folded first where the quantized one has none. Both models run with the
 * runtime's optimizations off, so that every value exists: what is measured is rounding, not the saturation of CPUs
 * without VNNI. Memory is that of both models' values for one batch, however many images there are.
 *
 * @throws PerceptError `OPTIMIZE_NOTHING_IN_COMMON` when the quantized model converts no value or weight of the float
 *   model; `OPTIMIZE_UNSUPPORTED_MODEL` for another number of inputs than one; `OPTIMIZE_NO_DATA`;
 *   `OPTIMIZE_NOT_FINITE` when a value is NaN or infinite; `INVALID_ARGUMENT`; `ABORTED`; what the runtime throws
 */
export async function layerSqnr(float: Model, quantized: Model, options: LayerSqnrOptions): Promise<SqnrReport> {
  const {
    data,
    runtime,
    images: limit,
    alone,
    signal,
    onProgress,
  } = parseOptions(schema, options, 'layerSqnr() options');
  throwIfAborted(signal);
  const exact = likeQuantized(float, quantized);
  checkInputs(exact.graph);
  checkInputs(quantized.graph);
  const types = inferTypes(exact).values;
  const isFloat32 = (name: string) => {
    const type = types.get(name);
    return type?.kind === 'tensor' && type.elementType === 'float32';
  };
  const values = matchedValues(exact.graph, quantized.graph, isFloat32);
  const weights = matchedWeights(exact.graph, quantized.graph);
  if (weights.length === 0 && !values.some((value) => value.conversion !== undefined)) {
    throw new PerceptError(
      'OPTIMIZE_NOTHING_IN_COMMON',
      `Expected a quantized model (QDQ) with values and weights of the float model ${float.graph.name} but received ${quantized.graph.name}, which converts none of them. Give the float model that it was made from`,
    );
  }
  const measuring = measuringModel(exact, quantized, values, weights, { alone });
  const sums = new Map<string, number>();
  let images = 0;
  const session = await runtime.createSession(writeModel(measuring.model), { graphOptimization: 'disabled', signal });
  try {
    const perWeight = new Set(measuring.weights.flatMap(({ powers }) => [powers.signal, powers.error]));
    const all = session.outputs.map(({ name }) => name);
    const perImage = all.filter((name) => !perWeight.has(name));
    for await (const batch of firstBatches(data, limit, signal)) {
      throwIfAborted(signal);
      const feeds = Object.fromEntries(measuring.inputs.map((name) => [name, batch]));
      // Weights are the same for all images.
      const results = await session.run(feeds, { outputs: images === 0 ? all : perImage, signal });
      for (const [name, { data: power }] of Object.entries(results))
        sums.set(name, (sums.get(name) ?? 0) + Number(power[0]));
      images += batch.dims[0]!;
      onProgress?.({
        stage: 'measure noise',
        done: images,
        unit: 'images',
        ...(limit !== undefined && { total: limit }),
      });
    }
  } finally {
    await session.close();
  }
  if (images === 0) {
    throw new PerceptError('OPTIMIZE_NO_DATA', 'Expected at least one image to measure noise on but received none');
  }
  const ratio = (value: string, powers: Powers) => decibels(value, sums.get(powers.signal)!, sums.get(powers.error)!);
  return new SqnrReport(
    measuring.values.map(
      ({ value, cumulative, conversion, alone: single }): ValueSqnr => ({
        value: value.name,
        ...described(value.node, value.name),
        quantized: value.conversion !== undefined,
        cumulative: ratio(value.name, cumulative),
        ...(conversion && { conversion: ratio(value.name, conversion) }),
        ...(single && { alone: ratio(value.name, single) }),
      }),
    ),
    measuring.weights.map(
      ({ weight, powers }): WeightSqnr => ({
        weight: weight.name,
        ...described(weight.node, weight.name),
        sqnr: ratio(weight.name, powers),
      }),
    ),
    images,
  );
}

/** The float model with BatchNormalization folded, if it was folded before it was quantized. */
function likeQuantized(float: Model, quantized: Model): Model {
  const normalizes = ({ graph }: Model) => graph.nodes.some((node) => isStandard(node, 'BatchNormalization'));
  return normalizes(float) && !normalizes(quantized) ? foldBatchNorm(float).model : float;
}

function checkInputs(graph: Graph): void {
  const inputs = requiredInputs(graph);
  if (inputs.length === 1 && (inputs[0]!.type ?? 'float32') === 'float32') return;
  throw new PerceptError(
    'OPTIMIZE_UNSUPPORTED_MODEL',
    `Expected one float32 input for a model to measure but received ${inputs.map(({ name, type }) => `${name} (${type})`).join(', ') || 'none'}`,
  );
}

function described(node: Node | undefined, name: string): { node: string; opType: string } {
  if (node === undefined) return { node: name, opType: 'input' };
  return { node: node.name || node.outputs[0]!, opType: node.opType };
}

function decibels(value: string, signal: number, error: number): number {
  if (!Number.isFinite(signal) || !Number.isFinite(error)) {
    throw new PerceptError(
      'OPTIMIZE_NOT_FINITE',
      `Expected finite numbers in ${value} to measure noise but received NaN or infinity. Look for them in the data, then in the weights`,
      { details: { value } },
    );
  }
  return error === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / error);
}

/** The batches, cut off after `images` images. */
async function* firstBatches(
  data: LayerSqnrOptions['data'],
  images: number = Number.POSITIVE_INFINITY,
  signal: AbortSignal | undefined,
): AsyncIterable<Tensor<'float32'>> {
  let left = images;
  for await (const batch of tensorsOf(data, signal)) {
    const count = batch.dims[0] ?? 0;
    if (count === 0) continue;
    yield count <= left ? batch : firstImages(batch, left);
    left -= count;
    if (left <= 0) return;
  }
}

async function* tensorsOf(
  data: LayerSqnrOptions['data'],
  signal: AbortSignal | undefined,
): AsyncIterable<Tensor<'float32'>> {
  if (!('batches' in data)) yield* data;
  else for await (const batch of data.batches({ epoch: 0, signal })) yield batch.inputs;
}
