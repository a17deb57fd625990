import { type BatchSource, PerceptError, type Tensor, tensor } from '@percept/core';

/**
 * Images to calibrate on, read once: batches `[N, C, H, W]` of float32; for a model of several inputs a record of tensors
 * by input name; of a `BatchSource`, the inputs of epoch 0.
 */
export type CalibrationData = AsyncIterable<Tensor<'float32'> | Readonly<Record<string, Tensor>>> | BatchSource;

/** Feeds of one run by input name. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** Whether a value can be {@link CalibrationData}. */
export function isCalibrationData(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || 'batches' in value);
}

/**
 * The batches as feeds for the inputs, cut off after `images` images; empty ones are left out.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL` when the model has several inputs and a batch is no record of them
 */
export async function* feedsOf(
  data: CalibrationData,
  inputs: readonly string[],
  images: number = Number.POSITIVE_INFINITY,
  signal?: AbortSignal,
): AsyncIterable<Feeds> {
  let left = images;
  for await (const batch of batchesOf(data, signal)) {
    const feeds =
      'data' in batch && ArrayBuffer.isView(batch.data) ? single(batch as Tensor, inputs) : (batch as Feeds);
    const count = imagesIn(feeds, inputs);
    if (count === 0) continue;
    yield count <= left ? feeds : slice(feeds, count, 0, left);
    left -= count;
    if (left <= 0) return;
  }
}

async function* batchesOf(data: CalibrationData, signal: AbortSignal | undefined): AsyncIterable<Tensor | Feeds> {
  if (!('batches' in data)) yield* data;
  else for await (const batch of data.batches({ epoch: 0, signal })) yield batch.inputs;
}

function single(batch: Tensor, inputs: readonly string[]): Feeds {
  if (inputs.length === 1) return { [inputs[0]!]: batch };
  throw new PerceptError(
    'OPTIMIZE_UNSUPPORTED_MODEL',
    `Expected calibration data by input name for a model of the inputs ${inputs.join(', ')} but received single tensors. Give records of tensors`,
  );
}

/** Images in a batch: the first dimension of the first input. */
export function imagesIn(feeds: Feeds, inputs: readonly string[]): number {
  return feeds[inputs[0]!]?.dims[0] ?? 0;
}

/** Images `[from, to)` of a batch of `count`, on the same memory; a tensor of another first dimension stays whole. */
export function slice(feeds: Feeds, count: number, from: number, to: number): Feeds {
  if (from === 0 && to === count) return feeds;
  const entries = Object.entries(feeds).map(([name, value]): [string, Tensor] => {
    if (value.dims[0] !== count || value.type === 'string') return [name, value];
    const perImage = value.data.length / count;
    const data = (value.data as Float32Array).subarray(from * perImage, to * perImage);
    return [name, tensor(value.type, [to - from, ...value.dims.slice(1)], data as never)];
  });
  return Object.fromEntries(entries);
}
