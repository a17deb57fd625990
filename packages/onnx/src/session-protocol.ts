import type { Tensor } from '@percept/core';
import type { EngineFailureKind } from './engine.js';
import type { RefusedProvider } from './execution-provider.js';
import type { ValueInfo } from './model.js';
import type { SessionOptions } from './runtime.js';

/** What the session worker is started with. */
export interface SessionWorkerData {
  readonly model: Uint8Array;
  readonly options: SessionOptions;
  /** What the paths of recordings begin with, if runs are recorded. */
  readonly tracePrefix: string | undefined;
  /** Memory of the gate that native code passes. */
  readonly exitGuard: SharedArrayBuffer;
}

/** What the worker is told. */
export type SessionRequest =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly feeds: Readonly<Record<string, Tensor>>;
      readonly outputs: readonly string[];
    }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'end-profiling'; readonly id: number }
  | { readonly kind: 'close' };

/** What the worker answers. */
export type SessionReply =
  | {
      readonly kind: 'ready';
      readonly inputs: readonly ValueInfo[];
      readonly outputs: readonly ValueInfo[];
      readonly provider: string;
      readonly refused: readonly RefusedProvider[];
      readonly cpuFallback: boolean | undefined;
    }
  | { readonly kind: 'refused'; readonly failure: SerializedFailure }
  | { readonly kind: 'result'; readonly id: number; readonly results: Record<string, Tensor> }
  | { readonly kind: 'profiling-ended'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: SerializedFailure };

export interface SerializedFailure {
  readonly kind: EngineFailureKind;
  readonly message: string;
}
