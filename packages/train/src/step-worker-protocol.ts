// What the training thread and its owner say to each other. Every request is answered by one reply, in order.
import type { Tensor } from '@percept/core';
import type { SessionOptions } from '@percept/onnx';
import type { StepRunner } from './step-executor.js';

/** How the thread runs its graphs. */
export interface StepWorkerOptions {
  readonly session: Pick<SessionOptions, 'threads' | 'executionProviders'>;
  /** Keeps the process from ending inside a step (Node only). */
  readonly exitGuard?: SharedArrayBuffer;
  /** Where the files of onnxruntime-web are served (browsers only). Default: beside the script. */
  readonly wasmPaths?: string;
}

/** The calls of a {@link StepRunner} by name. */
type Call = {
  [Name in keyof StepRunner]: { readonly call: Name; readonly args: Parameters<StepRunner[Name]> };
}[keyof StepRunner];

/** Asks the training thread for something; `open` comes first. */
export type StepRequest = Call | { readonly call: 'open'; readonly args: readonly [StepWorkerOptions] };

/** The training thread's answer. Errors travel as their parts, because structured clones lose their class. */
export type StepReply =
  | { readonly result: unknown }
  | { readonly error: { readonly code: string; readonly message: string } };

/** A worker as its owner sees it, the same for Node and browsers. */
export interface StepWorkerPort {
  post(request: StepRequest, transfer: ArrayBuffer[]): void;
  onReply(listener: (reply: StepReply) => void): void;
  onFailure(listener: (reason: unknown) => void): void;
  end(): Promise<void>;
}

/** The buffers of tensors that may be handed over: a view of a part cannot be moved without the rest, and is copied. */
export function movableBuffers(tensors: Iterable<Tensor>): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors) {
    if (!ArrayBuffer.isView(data) || !(data.buffer instanceof ArrayBuffer)) continue;
    if (data.byteLength === data.buffer.byteLength) buffers.add(data.buffer);
  }
  return [...buffers];
}
