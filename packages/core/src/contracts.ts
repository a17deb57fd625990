// The structural types in which packages of one floor meet: declared here, implemented anywhere, handed in by whoever
// wires the loop. None of them is a class, so any object of the right shape will do.
import type { Image } from './image.js';
import type { LongCallOptions } from './progress.js';
import type { Tensor } from './tensor.js';

/** One stored example: bytes by field name, under a key that is unique in its dataset. */
export interface Sample {
  /** Stable and unique within the dataset; random draws for the sample are keyed by it. */
  readonly key: string;
  /** Encoded image bytes (JPEG, PNG, …). */
  readonly image: Uint8Array;
  /** File extension of the image bytes, lower case, without dot: `png`. */
  readonly extension: string;
  /** Index into the dataset's classes. */
  readonly label: number;
}

/**
 * An ordered collection of samples. `read(i)` gives the same sample for the same index for ever; a source never
 * shuffles (the loader does, by computing indices).
 */
export interface SampleSource {
  /** Number of samples. */
  readonly length: number;
  /** Class names; `Sample.label` indexes them. */
  readonly classes: readonly string[];
  /** Reads one sample; rejects with `INVALID_ARGUMENT` outside `[0, length)`. Safe to call concurrently. */
  read(index: number): Promise<Sample>;
}

/** Several samples as tensors. */
export interface Batch {
  /** Keys of the samples, in order. */
  readonly keys: readonly string[];
  /** Model input, `[N, C, H, W]` float32. */
  readonly inputs: Tensor<'float32'>;
  /**
   * What the model is to say: class indices `[N]` int64 for a classifier, probabilities `[N, classes]` float32 for mixed
   * images, class maps `[N, H, W]`, values; the batch comes first. The loss says what it compares with.
   */
  readonly labels: Tensor<'int64'> | Tensor<'float32'>;
}

/**
 * Batches as a pure function of (epoch, position): iterating twice, or from the middle, gives the same batches, which
 * makes resuming exact. The consumer owns the buffers of every batch and may transfer them.
 */
export interface BatchSource {
  /** Batches in an epoch. */
  readonly batchesPerEpoch: number;
  /** Class names; empty where the labels name no classes. */
  readonly classes: readonly string[];
  /**
   * Identifies what the batches are: samples, order, preprocessing, augmentation. Two sources with the same one give the
   * same batches. Absent where that is not known.
   */
  readonly fingerprint?: string;
  /** The batches of an epoch from batch `start` (default 0) on. Leaving the loop early releases all resources. */
  batches(options: {
    readonly epoch: number;
    readonly start?: number;
    readonly signal?: AbortSignal | undefined;
  }): AsyncIterable<Batch>;
}

/** Accepts samples one by one and makes them durable in shards. */
export interface ShardSink {
  /** Appends a sample; resolves when it may be forgotten by the caller (not yet when it is durable). */
  write(sample: Sample): Promise<void>;
  /** Makes everything written durable and readable. Nothing is listed before. */
  close(): Promise<void>;
}

/** Receives what a run does. The registry's run is one; so is a console or a TensorBoard writer. */
export interface Tracker {
  /** Records parameters, once each: logging another value under a known name rejects. */
  logParams(params: Readonly<Record<string, string | number | boolean>>): Promise<void>;
  /** Records metric values at a step. */
  logMetrics(metrics: Readonly<Record<string, number>>, step: number): Promise<void>;
  /** Stores a file of the run under a relative path. */
  logArtifact(path: string, bytes: Uint8Array): Promise<void>;
}

/** A model as a resolver hands it over. */
export interface ResolvedModel {
  readonly bytes: Uint8Array;
  /** Registered name. */
  readonly name: string;
  /** Version within the name, counted from 1. */
  readonly version: number;
  /** `sha256:<hex>` of `bytes`. */
  readonly digest: string;
}

/** Turns a model address such as `models:/clothing@production` or `models:/clothing/3` into bytes. */
export interface ModelResolver {
  /** Rejects when the name, version or alias does not exist. */
  resolve(uri: string, options?: LongCallOptions): Promise<ResolvedModel>;
  /** The version an address points to now, without reading the model; cheap enough to poll. */
  currentVersion(uri: string): Promise<{ readonly name: string; readonly version: number; readonly digest: string }>;
}

/** Where a model comes from. Travels inside the model file. */
export interface Lineage {
  /** Identifies the training run. */
  readonly runId?: string;
  /** Identifies the dataset version it learned from. */
  readonly datasetVersion?: string;
  /** Digest of the model that this one was made from (fine-tuned, quantized). */
  readonly parentModel?: string;
  /** Version of the user's code, usually a git commit. */
  readonly codeVersion?: string;
  readonly seed?: number;
  /** ISO 8601. */
  readonly createdAt?: string;
}

/**
 * A one-dimensional distribution, small enough to travel inside a model: equal-frequency bins for PSI and quantiles
 * for KS.
 */
export interface Distribution {
  /** Values counted. */
  readonly count: number;
  readonly mean: number;
  readonly standardDeviation: number;
  /** Ascending inner bin edges; bin `i` holds `edges[i-1] < x <= edges[i]`, the outer bins are open-ended. */
  readonly edges: readonly number[];
  /** Share of values in each of the `edges.length + 1` bins; sums to 1. */
  readonly shares: readonly number[];
  /** Quantiles at 0, 1/(n-1), …, 1, ascending. */
  readonly quantiles: readonly number[];
}

/** What a model's inputs and outputs looked like when it was made; drift is measured against it. */
export interface ReferenceProfile {
  readonly version: 1;
  /** Images profiled. */
  readonly images: number;
  /** Distributions of image properties: `brightness`, `contrast`, `sharpness`, `width`, `height`. */
  readonly properties: Readonly<Record<string, Distribution>>;
  /** Distributions of each class's score, by label. */
  readonly scores: Readonly<Record<string, Distribution>>;
}

/** One answered prediction, as serving tells whoever watches. */
export interface PredictionEvent {
  /** Identifies the request; feedback refers to it. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly model: { readonly name: string; readonly version: number };
  /** The decoded image, before preprocessing. Not to be changed. */
  readonly image: Image;
  /** Class labels, in the order of `scores`. */
  readonly labels: readonly string[];
  /** Probability of each class. */
  readonly scores: Float32Array;
}

/** Watches predictions. */
export interface PredictionObserver {
  /** Told of every answered prediction, after the answer is on its way; must not throw and must return quickly. */
  observe(event: PredictionEvent): void;
  /** A JSON report of what was seen so far, for `GET /api/monitor`. */
  report(): Promise<MonitorReport>;
  /** A model was put into service; `profile` is the one inside it, if it has one. */
  modelChanged?(
    model: { readonly name: string; readonly version: number },
    profile: ReferenceProfile | undefined,
  ): void;
}

/** Drift of one property against its reference. */
export interface PropertyDrift {
  /**
   * Population stability index; 0 = same, above 0.25 = major shift by convention. A monitor may take off what the size
   * of its samples alone would give.
   */
  readonly psi: number;
  /** Two-sample Kolmogorov–Smirnov statistic, 0..1. */
  readonly ks: number;
  /** Asymptotic p-value of `ks`. */
  readonly pValue: number;
  readonly referenceMean: number;
  readonly currentMean: number;
}

/** What a monitor has seen in its current window. */
export interface MonitorReport {
  /** Predictions in the window. */
  readonly images: number;
  /** `no-profile`: the model carries none. `warming-up`: too few predictions to judge. */
  readonly status: 'no-profile' | 'warming-up' | 'stable' | 'moderate-drift' | 'major-drift';
  /** Mean PSI over the image properties and class scores; `null` until it can be judged. */
  readonly meanPsi: number | null;
  readonly properties: Readonly<Record<string, PropertyDrift>>;
  readonly scores: Readonly<Record<string, PropertyDrift>>;
}

/** A user's correction of a prediction. */
export interface Correction {
  /** The `id` of the corrected prediction. */
  readonly predictionId: string;
  /** Encoded image bytes as uploaded. */
  readonly image: Uint8Array;
  /** File extension of the bytes, lower case, without dot. */
  readonly extension: string;
  readonly predictedLabel: string;
  readonly correctLabel: string;
  readonly model: { readonly name: string; readonly version: number };
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Keeps corrections until they are made into a dataset version. */
export interface FeedbackSink {
  /** Resolves with the correction's id once it is durable. */
  store(correction: Correction): Promise<string>;
}
