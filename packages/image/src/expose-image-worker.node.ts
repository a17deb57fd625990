import { parentPort } from 'node:worker_threads';
import { PerceptError } from '@percept/core';
import { decodeImage } from './decode.node.js';
import type { JpegDecoder } from './decode-options.js';
import type { ImageRequest } from './image-worker-protocol.js';
import { preprocess } from './preprocess.node.js';
import { serveImages } from './serve-images.js';
import { enterTask, leaveTask, type TaskCount, type TaskCountMessage } from './task-guard.node.js';

/**
 * Makes the thread that this is called in answer {@link createImagePool}. Call it once, in the thread's own module.
 *
 * @throws PerceptError `INVALID_ARGUMENT` on the main thread
 */
export function exposeImageWorker(options: { readonly jpegDecoder?: JpegDecoder } = {}): void {
  const port = parentPort;
  if (port === null) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected exposeImageWorker() in a worker thread but it was called on the main one',
    );
  }
  let tasks: TaskCount | undefined;
  const guarded = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (tasks === undefined) return run();
    try {
      if (!enterTask(tasks))
        throw new PerceptError('IMAGE_WORKER_FAILED', 'Expected a running image worker but it is ending');
      return await run();
    } finally {
      leaveTask(tasks);
    }
  };
  serveImages(
    {
      post: (message, transfer) => port.postMessage(message, transfer),
      onMessage: (listener) =>
        port.on('message', (message: ImageRequest | TaskCountMessage) => {
          if ('tasks' in message) tasks = message.tasks;
          else listener(message);
        }),
    },
    { decode: decodeImage, preprocess, jpegDecoder: options.jpegDecoder },
    guarded,
  );
}
