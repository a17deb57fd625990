import { type Image, isPerceptError, type PreprocessSpec, type PreprocessType, type Tensor } from '@percept/core';
import type { DecodeDepth, DecodeOptions, JpegDecoder } from './decode-options.js';
import type { ImagePort, ImageReply, ImageRequest, ImageTask, SerializedError } from './image-worker-protocol.js';
import type { Preprocess } from './preprocess-bytes.js';

/** What a worker works with: the functions of its platform. */
export interface ImageFunctions {
  decode(bytes: Uint8Array, options: DecodeOptions<DecodeDepth>): Promise<Image>;
  readonly preprocess: Preprocess;
  readonly jpegDecoder?: JpegDecoder | undefined;
}

/** Answers the requests that come in at `port`; `guarded` runs each task, and sees it begin and end. */
export function serveImages(
  port: ImagePort<ImageReply, ImageRequest>,
  functions: ImageFunctions,
  guarded = <Result>(run: () => Promise<Result>): Promise<Result> => run(),
): void {
  const running = new Map<number, AbortController>();
  const specs = new SpecCache();

  const run = async (task: ImageTask, signal: AbortSignal): Promise<Image | Tensor> => {
    const { jpegDecoder } = functions;
    if (task.kind === 'decode') return functions.decode(task.bytes, { ...task.options, jpegDecoder, signal });
    return functions.preprocess(task.bytes, specs.same(task.spec), { ...task.options, jpegDecoder, signal });
  };
  const answer = async (id: number, task: ImageTask): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const value = await guarded(() => run(task, controller.signal));
      const { data } = value as Image;
      // A view of a larger buffer is cut out of it: only its own bytes travel.
      const owned = data.byteLength === data.buffer.byteLength ? data : data.slice();
      port.post({ id, value: { ...value, data: owned } as Image | Tensor }, [owned.buffer as ArrayBuffer]);
    } catch (error) {
      port.post({ id, error: serialize(error) }, []);
    } finally {
      running.delete(id);
    }
  };
  port.onMessage(({ id, task }) => {
    if (task === 'cancel') running.get(id)?.abort();
    else void answer(id, task);
  });
}

/** Gives equal specs as one object, so that each is planned once and not with every message. */
class SpecCache {
  #key = '';
  #spec: PreprocessSpec<PreprocessType> | undefined;

  same(spec: PreprocessSpec<PreprocessType>): PreprocessSpec<PreprocessType> {
    const key = JSON.stringify(spec);
    if (this.#spec === undefined || key !== this.#key) {
      this.#key = key;
      this.#spec = spec;
    }
    return this.#spec;
  }
}

function serialize(error: unknown): SerializedError {
  if (isPerceptError(error)) return { code: error.code, message: error.message, details: error.details };
  return { code: 'IMAGE_WORKER_FAILED', message: String(error), details: {} };
}
