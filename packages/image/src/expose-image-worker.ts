import { decodeImage } from './decode.js';
import type { JpegDecoder } from './decode-options.js';
import type { ImageRequest } from './image-worker-protocol.js';
import { preprocess } from './preprocess.js';
import { serveImages } from './serve-images.js';

/**
 * Makes the worker that this is called in answer {@link createImagePool}. Call it once, in the worker's own module:
 *
 * `exposeImageWorker({ jpegDecoder: jsquashJpeg() })`
 */
export function exposeImageWorker(options: { readonly jpegDecoder?: JpegDecoder } = {}): void {
  const scope = globalThis as unknown as Pick<Worker, 'postMessage' | 'addEventListener'>;
  serveImages(
    {
      post: (message, transfer) => scope.postMessage(message, transfer),
      onMessage: (listener) => scope.addEventListener('message', ({ data }) => listener(data as ImageRequest)),
    },
    { decode: decodeImage, preprocess, jpegDecoder: options.jpegDecoder },
  );
}
