import type { Tensor } from '@percept/core';
import type { RefusedProvider } from './execution-provider.js';
import type { ValueInfo } from './model.js';
import type { ModelProfile } from './model-profile.js';

/** What a session stands on: a loaded model, here or in a worker, that takes checked feeds. */
export interface Engine {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly provider: string;
  readonly refused: readonly RefusedProvider[];
  /** See {@link Session.cpuFallback}. */
  readonly cpuFallback: boolean | undefined;
  run(feeds: Readonly<Record<string, Tensor>>, options: EngineRunOptions): Promise<Record<string, Tensor>>;
  /** What nodes cost in all runs; ends the recording. Absent where nothing is recorded. */
  profile?(): Promise<ModelProfile>;
  /** Called once; waits for the runs already started. */
  close(): Promise<void>;
}

/** An engine whose runs onnxruntime records in a file. */
export interface TracedEngine extends Engine {
  /** Has onnxruntime finish the file. */
  endProfiling(): Promise<void>;
}

export interface EngineRunOptions {
  readonly outputs: readonly string[];
  readonly transfer: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What can go wrong in an engine. */
export type EngineFailureKind = 'missing-peer' | 'conflict' | 'provider' | 'load' | 'run';

/**
 * A failure on its way to the caller. It is no PerceptError yet, because it may have to cross a thread, and because the
 * worker's file has to stand alone.
 */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly kind: EngineFailureKind;

  constructor(kind: EngineFailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
