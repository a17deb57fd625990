import type { Tensor } from '@percept/core';
import type { ExecutionProvider, RefusedProvider } from './execution-provider.js';
import type { ValueInfo } from './model.js';
import type { ModelProfile } from './model-profile.js';

/** An engine that runs ONNX models. */
export interface Runtime {
  /** `onnxruntime-node`, `onnxruntime-web`. */
  readonly name: string;
  /**
   * Loads a serialized model. The bytes are copied (or read to the end) before this resolves and stay the caller's.
   *
   * Rejects with `ONNX_SESSION_FAILED` when the runtime refuses the model, with its message;
   * `ONNX_PROVIDER_UNAVAILABLE` when none of the execution providers can run here, with what each lacks;
   * `ONNX_PROVIDER_OPTION_UNSUPPORTED` for an option that would be dropped; `ONNX_PROFILE_UNAVAILABLE` when the runtime
   * cannot record; `MISSING_PEER` when the runtime's package is not installed; `ABORTED`; `INVALID_ARGUMENT` for options
   * out of range and for a model that is no Uint8Array.
   */
  createSession(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}

/** How a session runs its model. */
export interface SessionOptions {
  /**
   * Execution providers in order of preference, by name or with options: `['tensorrt', { name: 'cuda', deviceId: 1 },
   * 'cpu']`. The first one that is present and takes the model is used, see {@link Session.provider} and
   * {@link Session.refused}. Default: the runtime's CPU provider.
   */
  executionProviders?: readonly (string | ExecutionProvider)[];
  /**
   * Whether operators that the provider lacks may run on the CPU. With `false` a provider that cannot take every node
   * refuses the model. Default `true`.
   */
  cpuFallback?: boolean;
  /**
   * Threads that one run may use inside an operator, 1..1024. Default: in Node one per core, in browsers the choice of
   * onnxruntime-web (half the cores, 4 at most).
   */
  threads?: number;
  /** How far the runtime rewrites the graph when loading it. Default `all`. */
  graphOptimization?: 'all' | 'extended' | 'basic' | 'disabled';
  /**
   * Whether the runtime lays all intermediate values of a run into one block, planned beforehand. Without, a graph of many
   * large values that live one after another, such as a training step, takes less memory. Default `true`.
   */
  memoryPattern?: boolean;
  /** Where to write the graph as the runtime has optimized it (Node only). */
  optimizedModelPath?: string;
  /** Contents of the files that a model with external data names. */
  externalData?: readonly { readonly path: string; readonly data: Uint8Array }[];
  /**
   * Records what every node costs, for {@link Session.profile}. Slower; onnxruntime stops recording after a million nodes.
   * onnxruntime-node and the interpreter only. Default `false`.
   */
  profiling?: boolean;
  /**
   * Ends the call: it rejects with `ABORTED`. A runtime that is loading the model cannot be stopped; it finishes unseen, and
   * what it made is freed.
   */
  signal?: AbortSignal | undefined;
  /** Further settings of onnxruntime by their full key: `{ 'session.intra_op.allow_spinning': '1' }`. */
  configEntries?: Readonly<Record<string, string>>;
}

/** Options of {@link Session.run}. */
export interface RunOptions {
  /** Outputs to compute. Default: all. */
  outputs?: readonly string[];
  /**
   * Ends the call: it rejects with `ABORTED`. A run that waits for its turn is dropped; one that the runtime is
   * computing cannot be stopped and finishes unseen.
   */
  signal?: AbortSignal | undefined;
  /**
   * Hands the feeds over instead of copying them: their buffers may be detached afterwards and must not be used again.
   * A feed that is only a part of its buffer is copied nevertheless.
   */
  transfer?: boolean;
}

/** Options of {@link Session.warmUp}. */
export interface WarmUpOptions {
  /** How often. Default 1. */
  runs?: number;
  /** Sizes of symbolic dimensions by name, such as `{ N: 8 }`. Default 1 each. */
  dims?: Readonly<Record<string, number>>;
  /** Ends the call: it rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/**
 * A loaded model.
 *
 * - Runs may be started concurrently; they are computed one after another, in the order of the calls.
 * - Feeds are checked before the runtime sees them. They must not be changed until the run settles.
 * - Results are the caller's own: no later run writes into them.
 * - float16 is `Uint16Array` and bool `Uint8Array` on every runtime, as everywhere in Percept.
 */
export interface Session extends AsyncDisposable {
  /** Inputs without a default, in the model's order. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** The execution provider that the model was given to: `cpu`, `webgpu`, `wasm`. */
  readonly provider: string;
  /** The providers that were preferred to it, in order, and why they did not take the model. */
  readonly refused: readonly RefusedProvider[];
  /**
   * Whether the provider left nodes to the CPU. `false`: it computes every node itself, and onnxruntime has checked that.
   * `undefined` where that is not known: on `tensorrt`, where asking would mean to build the engines twice. Which node ran
   * where is in {@link profile}.
   */
  readonly cpuFallback?: boolean | undefined;
  /**
   * Computes outputs from feeds, both by name.
   *
   * Rejects with `ONNX_FEED_INVALID` for a missing or unknown input or one of another type or shape, `INVALID_ARGUMENT`
   * for an unknown output or option, `ONNX_RUN_FAILED` with the runtime's message, `ONNX_WORKER_CRASHED` when the worker is gone,
   * `ONNX_SESSION_CLOSED` after {@link close}, `ABORTED`.
   */
  run(feeds: Readonly<Record<string, Tensor>>, options?: RunOptions): Promise<Record<string, Tensor>>;
  /**
   * Runs the model on zeros (texts: on empty ones), so that the first real run does not pay for allocation, compilation
   * and caches.
   *
   * Rejects as {@link run} does; with `ONNX_FEED_INVALID` for an input without known type and rank, which takes a run
   * with feeds of your own; `INVALID_ARGUMENT` for a dimension that no input has.
   */
  warmUp(options?: WarmUpOptions): Promise<void>;
  /**
   * What each operator cost in all runs so far, those under way included. Ends the recording: a second call rejects.
   *
   * Rejects with `ONNX_PROFILE_UNAVAILABLE` when the session was created without `profiling`, was profiled already, or its
   * runtime cannot; `ONNX_SESSION_CLOSED`.
   */
  profile(): Promise<ModelProfile>;
  /** Waits for the runs already started, then frees the model. Closing again does nothing more. */
  close(): Promise<void>;
}
