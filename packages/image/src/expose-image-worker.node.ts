import { parentPort } from 'node:worker_threads';
import { PerceptError } from '@percept/core';
import { decodeImage } from './decode.node.js';
import type { JpegDecoder } from './decode-options.js';
import type { ImageRequest } from './image-worker-protocol.js';
import { preprocess } from './preprocess.node.js';
import { serveImages } from './serve-images.js';

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
  serveImages(
    {
      post: (message, transfer) => port.postMessage(message, transfer),
      onMessage: (listener) => port.on('message', (request: ImageRequest) => listener(request)),
    },
    { decode: decodeImage, preprocess, jpegDecoder: options.jpegDecoder },
  );
}
