import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { createPool, type ImagePool, type PoolWorker } from './image-pool.js';
import type { ImageReply, ImageRequest } from './image-worker-protocol.js';

export { exposeImageWorker } from './expose-image-worker.js';
export type { ImagePool } from './image-pool.js';

/** Options of {@link createImagePool}. */
export interface ImagePoolOptions {
  /** Workers, each started at its first task. Default: one less than the processors, 1 to 4. */
  readonly size?: number;
  /**
   * Starts a module worker that calls {@link exposeImageWorker}, for one that needs more than the default: another JPEG
   * decoder, or a place of its own under a strict content security policy.
   */
  readonly start?: () => Worker;
}

const schema = z.strictObject({ size: z.optional(z.int()), start: z.optional(z.any()) });

/**
 * Starts workers that decode and preprocess images off the page's thread.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a size outside 1..64
 */
export function createImagePool(options: ImagePoolOptions = {}): ImagePool {
  parseOptions(schema, options, 'createImagePool() options');
  const { start = startDefault, size = Math.min(4, Math.max(1, navigator.hardwareConcurrency - 1)) } = options;
  return createPool(() => asPoolWorker(start()), size);
}

function startDefault(): Worker {
  return new Worker(new URL('../dist/image-worker.js', import.meta.url), { type: 'module', name: 'percept-image' });
}

function asPoolWorker(worker: Worker): PoolWorker {
  return {
    post: (message: ImageRequest, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.addEventListener('message', ({ data }) => listener(data as ImageReply)),
    onFailure(listener) {
      worker.addEventListener('error', (event) => {
        // It reaches the caller as a rejection, and need not stand in the console as well.
        event.preventDefault();
        listener(event.error ?? event.message);
      });
      worker.addEventListener('messageerror', () => listener('a message could not be read'));
    },
    end: () => worker.terminate(),
    busy() {},
  };
}
