import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { createPool, type ImagePool, type PoolWorker } from './image-pool.js';
import type { ImageReply, ImageRequest } from './image-worker-protocol.js';
import { afterTasks, countTasks, forgetTasks, type TaskCountMessage } from './task-guard.node.js';

export { exposeImageWorker } from './expose-image-worker.node.js';
export type { ImagePool } from './image-pool.js';

/** Options of {@link createImagePool}. */
export interface ImagePoolOptions {
  /** Threads, each started at its first task. Default: one less than the processors, 1 to 4. */
  readonly size?: number;
  /** Starts a thread whose module calls {@link exposeImageWorker}, for one that needs more than the default. */
  readonly start?: () => Worker;
}

const schema = z.strictObject({ size: z.optional(z.int()), start: z.optional(z.any()) });

/**
 * Starts threads that decode and preprocess images off the main thread. Idle ones do not keep the process alive.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a size outside 1..64
 */
export function createImagePool(options: ImagePoolOptions = {}): ImagePool {
  parseOptions(schema, options, 'createImagePool() options');
  const { start = startDefault, size = Math.min(4, Math.max(1, availableParallelism() - 1)) } = options;
  return createPool(() => asPoolWorker(start()), size);
}

function startDefault(): Worker {
  // The worker is plain built JavaScript: flags that the main thread was started with are not for it.
  return new Worker(new URL('../dist/image-worker.node.js', import.meta.url), { name: 'percept-image', execArgv: [] });
}

function asPoolWorker(worker: Worker): PoolWorker {
  const tasks = countTasks();
  worker.once('exit', () => forgetTasks(tasks));
  worker.postMessage({ tasks } satisfies TaskCountMessage);
  return {
    post: (message: ImageRequest, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.on('message', (reply: ImageReply) => listener(reply)),
    onFailure(listener) {
      worker.on('error', listener);
      worker.on('messageerror', listener);
      worker.on('exit', (code) => listener(`it ended with exit code ${code}`));
    },
    end() {
      worker.unref();
      afterTasks(tasks, () => void worker.terminate());
    },
    busy(state) {
      if (state) worker.ref();
      else worker.unref();
    },
  };
}
