import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { EngineFailure } from '../engine.js';
import { toPerceptError } from '../engine-errors.js';
import { EngineSession } from '../engine-session.js';
import { checkModelBytes } from '../model-bytes.js';
import { openOrtEngine } from '../ort-engine.js';
import type { Runtime } from '../runtime.js';
import { checkSessionOptions } from '../session-options.js';

/** Options of {@link onnxruntimeWeb}. */
export interface OnnxruntimeWebOptions {
  /**
   * Where the `.wasm` and `.mjs` files of onnxruntime-web are served: a URL that ends with a slash. Default: beside the
   * script, as bundlers place them.
   */
  wasmPaths?: string;
}

const schema = z.strictObject({ wasmPaths: z.optional(z.string()) });

/**
 * The runtime of browsers: the npm package onnxruntime-web, 1.30 or newer, on WebAssembly with SIMD (provider `wasm`).
 * It runs in Node too, several times slower than native code.
 *
 * It runs in the thread that calls it, so a page should use it inside a web worker. It uses threads only where the page
 * is cross-origin isolated (COOP and COEP headers), otherwise one. Threads and `wasmPaths` are fixed for the page by its
 * first session.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unknown options
 */
export function onnxruntimeWeb(options: OnnxruntimeWebOptions = {}): Runtime {
  const { wasmPaths } = parseOptions(schema, options, 'onnxruntimeWeb() options');
  return {
    name: 'onnxruntime-web',
    async createSession(model, sessionOptions = {}) {
      checkModelBytes(model);
      checkSessionOptions(sessionOptions);
      if (sessionOptions.optimizedModelPath !== undefined) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          'Expected no optimizedModelPath in createSession() options: a browser has no files to write. Use onnxruntimeNode()',
        );
      }
      try {
        const ort = await loadPackage();
        // 0 leaves the number to onnxruntime-web: half the cores, 4 at most.
        ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? (sessionOptions.threads ?? 0) : 1;
        if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
        const preferred = sessionOptions.executionProviders ?? ['wasm'];
        return new EngineSession(await openOrtEngine(ort, model, sessionOptions, preferred, ['wasm']));
      } catch (error) {
        throw toPerceptError(error);
      }
    },
  };
}

async function loadPackage() {
  try {
    return await import('onnxruntime-web/wasm');
  } catch (cause) {
    throw new EngineFailure(
      'missing-peer',
      'Expected the optional package onnxruntime-web; install it: npm install onnxruntime-web',
      cause,
    );
  }
}
