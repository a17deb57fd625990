import {
  type Batch,
  type BatchSource,
  elementCount,
  type LongCallOptions,
  PerceptError,
  sha256Digest,
  type Tensor,
  throwIfAborted,
} from '@percept/core';
import { type Model, type Runtime, type Session, type SessionOptions, writeModel } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import { wrongBatchCount } from '../wrong-batch-count.js';
import { type FeatureView, featureSource } from './feature-source.js';
import { type FeaturePart, FeatureStore } from './feature-store.js';

/** How the features of a frozen backbone are kept. */
export interface FeatureCacheOptions {
  /**
   * Passes over the data whose features are computed, each with the augmentation of another epoch; the epochs of the
   * training take them in turn. Default 1.
   */
  views?: number;
  /** Where they are kept for other trainings and after an interruption. Default: in memory. */
  storage?: Storage;
  /** What their keys begin with. Default `features`. */
  key?: string;
  /**
   * Names the data, its preprocessing and its augmentation, for the key: another name, other features. Default: the
   * fingerprint of the data. Needed with a storage where the data has none.
   */
  augmentation?: string;
}

/** Where features come from. */
export interface FeaturePass {
  readonly backbone: Model;
  readonly data: BatchSource;
  /** `training` or `validation`: which data it is. */
  readonly role: string;
  readonly runtime: Runtime;
  readonly threads: number | undefined;
  readonly executionProviders: SessionOptions['executionProviders'] | undefined;
  /** Keys the order of the epochs; `undefined` keeps that of the data. */
  readonly shuffleSeed: number | undefined;
}

/** Bytes of features in one stored part: what an interruption costs at most. */
const partBytes = 2 ** 22;

/**
 * Computes what the backbone gives for every image, once, and makes batches of that.
 *
 * @throws PerceptError `INVALID_ARGUMENT` where a storage is given and nothing names the data; `TRAIN_FEATURES_INVALID`;
 *   what runtime, data and storage throw
 */
export async function cacheFeatures(
  pass: FeaturePass,
  options: FeatureCacheOptions,
  call: LongCallOptions,
): Promise<BatchSource> {
  const { backbone, data, role, runtime, threads, executionProviders, shuffleSeed } = pass;
  const bytes = writeModel({ ...backbone, metadata: {} });
  const identity = options.augmentation ?? data.fingerprint;
  if (options.storage !== undefined && identity === undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected a name of data and augmentation for stored features but received none: the data has no fingerprint. Give features.augmentation, and another one whenever images, preprocessing or augmentation change',
    );
  }
  const named = JSON.stringify([await sha256Digest(bytes), identity ?? null, role, data.batchesPerEpoch, data.classes]);
  const digest = (await sha256Digest(new TextEncoder().encode(named))).slice('sha256:'.length);
  const store = options.storage && new FeatureStore(options.storage, `${options.key ?? 'features'}/${digest}`);
  const session = await runtime.createSession(bytes, {
    ...(threads === undefined ? {} : { threads }),
    ...(executionProviders === undefined ? {} : { executionProviders }),
  });
  try {
    const views: FeatureView[] = [];
    let batchSize = 1;
    const count = options.views ?? 1;
    for (let view = 0; view < count; view++) {
      const progress = (batches: number): void =>
        call.onProgress?.({
          stage: `features of the ${role} data`,
          done: view * data.batchesPerEpoch + batches,
          total: count * data.batchesPerEpoch,
          unit: 'batches',
        });
      const parts = await computeView(session, data, view, { store, signal: call.signal, progress });
      batchSize = parts[0]!.batchSize;
      views.push(joinParts(parts));
    }
    const { classes, batchesPerEpoch } = data;
    return featureSource(views, {
      classes,
      batchesPerEpoch,
      batchSize,
      shuffleSeed,
      fingerprint: `features ${digest}, ${count} views`,
    });
  } finally {
    await session.close();
  }
}

interface ViewContext {
  readonly store: FeatureStore | undefined;
  readonly signal: AbortSignal | undefined;
  readonly progress: (batches: number) => void;
}

/** The parts of one pass over the data, those that are stored already read instead of computed. */
async function computeView(
  session: Session,
  data: BatchSource,
  view: number,
  { store, signal, progress }: ViewContext,
): Promise<FeaturePart[]> {
  const parts: FeaturePart[] = [];
  const batches = (): number => parts.at(-1)?.batches ?? 0;
  for (let stored = await store?.read(view, 0); stored !== undefined; stored = await store?.read(view, parts.length)) {
    parts.push(stored);
    progress(batches());
  }
  if (batches() === data.batchesPerEpoch) return parts;
  let pending: Batch[] = [];
  let bytes = 0;
  let position = batches();
  const finishPart = async (): Promise<void> => {
    const joined = joinParts(pending.map(({ keys, inputs, labels }) => ({ keys, features: inputs, labels })));
    const part = { ...joined, batches: position, batchSize: parts[0]?.batchSize ?? pending[0]!.inputs.dims[0]! };
    await store?.write(view, parts.length, part);
    parts.push(part);
    pending = [];
    bytes = 0;
  };
  for await (const batch of data.batches({ epoch: view, start: position, signal })) {
    throwIfAborted(signal);
    if (position >= data.batchesPerEpoch) throw wrongBatchCount(data, view, 'more');
    const features = await featuresOf(session, batch, signal);
    pending.push({ ...batch, inputs: features });
    bytes += features.data.byteLength;
    progress(++position);
    if (bytes >= partBytes) await finishPart();
  }
  throwIfAborted(signal);
  if (position !== data.batchesPerEpoch) throw wrongBatchCount(data, view, String(position));
  if (pending.length > 0) await finishPart();
  return parts;
}

async function featuresOf(
  session: Session,
  { inputs }: Batch,
  signal: AbortSignal | undefined,
): Promise<Tensor<'float32'>> {
  const [input] = session.inputs;
  const [output] = session.outputs;
  const results = await session.run({ [input!.name]: inputs }, { transfer: true, signal });
  return results[output!.name] as Tensor<'float32'>;
}

function joinParts(parts: readonly FeatureView[]): FeatureView {
  return {
    keys: parts.flatMap(({ keys }) => keys),
    features: concatenate(parts.map(({ features }) => features)),
    labels: concatenate(parts.map(({ labels }) => labels as Tensor<'float32'>)),
  };
}

function concatenate(tensors: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const [{ type, dims, data }] = tensors as [Tensor<'float32'>];
  if (tensors.length === 1) return { type, dims, data };
  const rows = tensors.reduce((sum, { dims: [count] }) => sum + count!, 0);
  const joined = new (data.constructor as Float32ArrayConstructor)(rows * elementCount(dims.slice(1)));
  let offset = 0;
  for (const part of tensors) {
    joined.set(part.data, offset);
    offset += part.data.length;
  }
  return { type, dims: [rows, ...dims.slice(1)], data: joined };
}
