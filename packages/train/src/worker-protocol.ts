// What the training thread and its owner say to each other. Every request is answered by one reply, in order.
import type { Tensor } from '@percept/core';

/** Asks the training thread for something. */
export type WorkerRequest =
  /** Loads a step graph under a name. */
  | { readonly kind: 'load'; readonly graph: string; readonly model: Uint8Array; readonly threads: number | undefined }
  /** Replaces the whole state. */
  | { readonly kind: 'restore'; readonly state: ReadonlyMap<string, Tensor> }
  /** Runs one step on the state. */
  | { readonly kind: 'step'; readonly graph: string; readonly feeds: Readonly<Record<string, Tensor>> }
  /** Asks for a copy of the state. */
  | { readonly kind: 'snapshot' }
  /** Frees everything and ends the thread. */
  | { readonly kind: 'close' };

/** Mean loss and right answers of one batch. */
export interface StepResult {
  readonly loss: number;
  readonly correct: number;
}

/** The training thread's answer. Errors travel as their parts, because structured clones lose their class. */
export type WorkerReply =
  | { readonly kind: 'done' }
  | { readonly kind: 'step'; readonly result: StepResult }
  | { readonly kind: 'snapshot'; readonly state: ReadonlyMap<string, Tensor> }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
