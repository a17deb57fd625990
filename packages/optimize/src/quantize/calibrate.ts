import {
  type BatchSource,
  type LongCallOptions,
  PerceptError,
  type Tensor,
  tensor,
  throwIfAborted,
} from '@percept/core';
import { type Model, type Node, type Runtime, type ValueInfo, writeModel } from '@percept/onnx';
import { FreshNames } from '../graph/graph-values.js';

/** Images to calibrate on: batches `[N, C, H, W]`, read once; of a `BatchSource`, epoch 0. */
export type CalibrationData = AsyncIterable<Tensor<'float32'>> | BatchSource;

/** Smallest and largest value seen. */
export type Range = readonly [minimum: number, maximum: number];

/** Options of {@link calibrate}. */
export interface CalibrateOptions extends LongCallOptions {
  readonly runtime: Runtime;
  readonly data: CalibrationData;
  /** The model input that the data is fed to. */
  readonly input: string;
  /** Values to measure. */
  readonly values: readonly string[];
  /** Images to look at, at most; all when absent. */
  readonly images?: number | undefined;
}

/**
 * Measures the range of values of a model over images. The reductions are part of the graph that is run, so only a few
 * numbers leave the runtime and memory is that of one forward pass, however many images there are.
 *
 * @throws PerceptError `OPTIMIZE_NO_CALIBRATION_DATA`, `OPTIMIZE_NOT_FINITE`, `ABORTED`
 */
export async function calibrate(
  model: Model,
  options: CalibrateOptions,
): Promise<{ images: number; ranges: Map<string, Range> }> {
  const { probe, probes } = withProbes(model, options.values);
  const ranges = new Map<string, Range>();
  let images = 0;
  const session = await options.runtime.createSession(writeModel(probe));
  try {
    for await (const batch of limited(options.data, options.images, options.signal)) {
      throwIfAborted(options.signal);
      const results = await session.run({ [options.input]: batch }, { signal: options.signal });
      for (const [value, names] of probes) {
        const [minimum, maximum, sum] = names.map((name) => Number(results[name]!.data[0])) as [number, number, number];
        // The sum is there for NaN alone, which minimum and maximum may skip; finite values may well sum to infinity.
        if (!Number.isFinite(minimum) || !Number.isFinite(maximum) || Number.isNaN(sum)) throw notFinite(value, images);
        const [low, high] = ranges.get(value) ?? [minimum, maximum];
        ranges.set(value, [Math.min(low, minimum), Math.max(high, maximum)]);
      }
      images += batch.dims[0]!;
      options.onProgress?.({
        stage: 'calibrate',
        done: images,
        unit: 'images',
        ...(options.images === undefined ? {} : { total: options.images }),
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
  return { images, ranges };
}

/** The model with each value reduced to its minimum, maximum and sum, and nothing else as output. */
function withProbes(model: Model, values: readonly string[]): { probe: Model; probes: Map<string, string[]> } {
  const names = new FreshNames(model.graph);
  const nodes: Node[] = [];
  const probes = new Map<string, string[]>();
  for (const value of values) {
    const reduced = ['ReduceMin', 'ReduceMax', 'ReduceSum'].map((opType) => {
      const output = names.take(`${value}_${opType}`);
      const attributes = { keepdims: { type: 'int', value: 0 } } as const;
      nodes.push({ name: '', opType, domain: '', inputs: [value], outputs: [output], attributes, docString: '' });
      return output;
    });
    probes.set(value, reduced);
  }
  const outputs = [...probes.values()]
    .flat()
    .map((name): ValueInfo => ({ name, type: 'float32', dims: [], docString: '' }));
  const graph = { ...model.graph, nodes: [...model.graph.nodes, ...nodes], outputs };
  return { probe: { ...model, graph }, probes };
}

/** The batches, cut off after `images` images. */
async function* limited(
  data: CalibrationData,
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

async function* tensorsOf(data: CalibrationData, signal: AbortSignal | undefined): AsyncIterable<Tensor<'float32'>> {
  if (!('batches' in data)) yield* data;
  else for await (const batch of data.batches({ epoch: 0, signal })) yield batch.inputs;
}

/** The first images of a batch `[N, …]`, on the same memory. */
export function firstImages(batch: Tensor<'float32'>, count: number): Tensor<'float32'> {
  const perImage = batch.data.length / batch.dims[0]!;
  return tensor('float32', [count, ...batch.dims.slice(1)], batch.data.subarray(0, count * perImage));
}

function notFinite(value: string, images: number): PerceptError {
  return new PerceptError(
    'OPTIMIZE_NOT_FINITE',
    `Expected finite numbers in ${value} for calibration but received NaN or infinity after ${images} images. Look for them in the data, then in the weights`,
    { details: { value, images } },
  );
}
