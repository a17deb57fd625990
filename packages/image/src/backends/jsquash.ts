// JPEG by MozJPEG compiled to WebAssembly (@jsquash/jpeg): the same pixels in every browser, with the accurate inverse
// DCT, and none of the noise that some browsers add to what is read back from a canvas. It is several times slower than
// the browser's own decoder. For browsers and their workers: in Node the native codecs serve.
import { type Image, PerceptError } from '@percept/core';
import type { JpegDecoder } from '../decode-options.js';

/** Options of {@link jsquashJpeg}. */
export interface JsquashOptions {
  /**
   * The compiled `mozjpeg_dec.wasm` of `@jsquash/jpeg/codec/dec/`, or its address. Without it the package looks for the
   * file beside its own script, which most bundlers arrange.
   */
  readonly wasm?: WebAssembly.Module | URL | string;
}

/** What is used of `@jsquash/jpeg/decode.js`; its own declarations leave the first parameter of `init` out. */
interface JsquashModule {
  init(wasm: WebAssembly.Module | undefined, overrides: { printErr(line: string): void }): Promise<void>;
  default(bytes: ArrayBuffer): Promise<ImageData>;
}

/**
 * A JPEG decoder for {@link decodeImage}'s `jpegDecoder`, opened at its first use. Its `decode` rejects with `MISSING_PEER`
 * where `@jsquash/jpeg` is not installed, which `decodeImage` hands on.
 */
export function jsquashJpeg(options: JsquashOptions = {}): JpegDecoder {
  let warnings: string[] = [];
  let opened: Promise<JsquashModule> | undefined;
  // One at a time: the codec has one memory, and its warnings must be told apart.
  let queue: Promise<unknown> = Promise.resolve();

  const open = async (): Promise<JsquashModule> => {
    const module = await load();
    await module.init(await compile(options.wasm), { printErr: (line) => warnings.push(line) });
    return module;
  };
  const decode = async (bytes: Uint8Array): Promise<Image<Uint8Array>> => {
    opened ??= open();
    const module = await opened;
    warnings = [];
    const { width, height, data } = await module.default(new Uint8Array(bytes).buffer);
    if (warnings.length > 0) {
      // libjpeg only warns of damage and of a missing end, and fills the rest with grey.
      throw new PerceptError('IMAGE_DECODE_FAILED', `Expected a whole JPEG but MozJPEG warns: ${warnings.join('; ')}`);
    }
    return { width, height, channels: 4, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  };
  return {
    decode(bytes) {
      const result = queue.then(() => decode(bytes));
      queue = result.catch(() => undefined);
      return result;
    },
  };
}

async function load(): Promise<JsquashModule> {
  try {
    return (await import('@jsquash/jpeg/decode.js')) as unknown as JsquashModule;
  } catch (cause) {
    throw new PerceptError(
      'MISSING_PEER',
      'Expected the optional package @jsquash/jpeg for decoding JPEG by WebAssembly; install it: npm install @jsquash/jpeg',
      { details: { package: '@jsquash/jpeg', install: 'npm install @jsquash/jpeg' }, cause },
    );
  }
}

async function compile(wasm: JsquashOptions['wasm']): Promise<WebAssembly.Module | undefined> {
  if (wasm === undefined || wasm instanceof WebAssembly.Module) return wasm;
  const response = await fetch(wasm);
  return WebAssembly.compile(await response.arrayBuffer());
}
