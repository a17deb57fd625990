import type { Image, PreprocessSpec, PreprocessType, Tensor } from '@percept/core';
import type { DecodeDepth, DecodeOptions } from './decode-options.js';
import type { PreprocessOptions } from './preprocess-bytes.js';

/** What a pool asks of a worker. */
export type ImageTask =
  | { readonly kind: 'decode'; readonly bytes: Uint8Array; readonly options: DecodeOptions<DecodeDepth> }
  | {
      readonly kind: 'preprocess';
      readonly bytes: Uint8Array;
      readonly spec: PreprocessSpec<PreprocessType>;
      readonly options: PreprocessOptions;
    };

/** A task, or the wish to give one up. */
export type ImageRequest = { readonly id: number; readonly task: ImageTask | 'cancel' };

/** An error on its way between threads. */
export interface SerializedError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a worker answers. */
export type ImageReply =
  | { readonly id: number; readonly value: Image | Tensor }
  | { readonly id: number; readonly error: SerializedError };

/** One end of the line between a pool and a worker, over a browser's messages or Node's. */
export interface ImagePort<Sent, Received> {
  post(message: Sent, transfer: ArrayBuffer[]): void;
  onMessage(listener: (message: Received) => void): void;
}
