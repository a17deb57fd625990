import type { Image } from '@percept/core';

/** A class and how likely the model holds it. */
export interface ClassScore {
  readonly label: string;
  /** Probability, 0..1. */
  readonly score: number;
}

/** Where the time of one prediction went, in milliseconds. */
export interface PredictionTimings {
  /** Bytes to pixels; 0 when an image was handed in. */
  readonly decodeMs: number;
  /** Pixels to the input tensor. */
  readonly preprocessMs: number;
  /** Waiting for the batch to fill and for the session to be free. */
  readonly queueMs: number;
  /** The run of the whole batch. */
  readonly inferenceMs: number;
  /** From the call to the answer; includes loading the model when this call was the first. */
  readonly totalMs: number;
}

/** The model that answered. */
export interface ServedModel {
  readonly name: string;
  readonly version: number;
  /** Whether the fallback answered in place of the main model. */
  readonly fallback: boolean;
}

/** One answered prediction, as JSON-ready data. */
export interface Prediction {
  /** Unique; feedback refers to it. */
  readonly id: string;
  readonly model: ServedModel;
  /** The most likely class. */
  readonly label: string;
  /** Its probability, 0..1. */
  readonly score: number;
  /** All classes, most likely first; equal scores stay in the model's order. */
  readonly classes: readonly ClassScore[];
  readonly timings: PredictionTimings;
  /** Images that shared the run. */
  readonly batchSize: number;
}

/** How a predictor is doing. */
export interface PredictorHealth {
  /**
   * `idle`: nothing was asked yet, so nothing is loaded. `loading`: the first load runs. `ok`: the main model answers.
   * `degraded`: answers, but by the fallback, or the last reload or run failed. `unavailable`: cannot answer.
   */
  readonly status: 'idle' | 'loading' | 'ok' | 'degraded' | 'unavailable';
  /** The model that would answer now, once one is loaded. */
  readonly model?: ServedModel;
  /** Error code behind `degraded` and `unavailable`. */
  readonly reason?: string;
  /** Predictions accepted and not answered yet. */
  readonly pending: number;
}

/** What came of a reload. */
export interface ReloadResult {
  /** Whether another model was put into service: other bytes, or another name or version. */
  readonly changed: boolean;
  readonly model: ServedModel;
}

/** What a predictor tells its subscribers, for metrics. */
export type PredictorEvent =
  | { readonly type: 'prediction'; readonly prediction: Prediction }
  | { readonly type: 'batch'; readonly size: number }
  | { readonly type: 'failure'; readonly code: string }
  | { readonly type: 'observer-failure' };

/** Answers images with classes, by a model that can be swapped while it works. */
export interface Predictor {
  /**
   * Classifies one image: encoded bytes (JPEG, PNG, …) or decoded pixels (HWC, 1, 3 or 4 channels). Loads the model if
   * this is the first call. Calls that come close together share a run of the session.
   *
   * @throws PerceptError `IMAGE_*` when the bytes are no readable image, `SERVE_OVERLOADED` when too many predictions
   *   are pending, `SERVE_MODEL_UNAVAILABLE` when neither the model nor the fallback can be loaded,
   *   `SERVE_INFERENCE_FAILED` when the run fails and there is no fallback, `SERVE_CLOSED` after `close`, `ABORTED`
   */
  predict(image: Uint8Array | Image, options?: { readonly signal?: AbortSignal | undefined }): Promise<Prediction>;
  /**
   * Resolves the model's address again and, when it points to another model, loads and warms the new model, swaps, drains
   * the old one and closes it. No prediction fails because of it. When it rejects, the old model stays in service.
   *
   * @throws PerceptError `SERVE_MODEL_UNAVAILABLE` with the reason as `cause`, `SERVE_CLOSED`
   */
  reload(): Promise<ReloadResult>;
  /** How it is doing now; cheap, never loads anything. */
  health(): PredictorHealth;
  /** Tells `listener` of every prediction, batch and failure; returns the function that ends it. */
  subscribe(listener: (event: PredictorEvent) => void): () => void;
  /** Refuses new predictions, answers the pending ones, closes the sessions. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
