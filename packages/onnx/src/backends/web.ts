import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { copyTensor } from '../copy-tensor.js';
import { type Engine, EngineFailure } from '../engine.js';
import { toPerceptError } from '../engine-errors.js';
import { EngineSession } from '../engine-session.js';
import { providerName } from '../execution-provider.js';
import { checkModelBytes } from '../model-bytes.js';
import { openOrtEngine } from '../ort-engine.js';
import type { Runtime, SessionOptions } from '../runtime.js';
import { checkSessionOptions } from '../session-options.js';

/** Options of {@link onnxruntimeWeb}. */
export interface OnnxruntimeWebOptions {
  /**
   * Where the `.wasm` and `.mjs` files of onnxruntime-web are served: a URL that ends with a slash. Default: beside the
   * script, as bundlers place them.
   */
  wasmPaths?: string;
  /**
   * Whether sessions on `wasm` compute in a worker of onnxruntime-web, which keeps the page responsive. It is fixed for the
   * page by its first session, holds for all of them, and rules out `webgpu` and `webnn` there. Default `false`: the
   * thread that calls computes, which is right inside a worker of your own.
   */
  worker?: boolean;
}

const schema = z.strictObject({ wasmPaths: z.optional(z.string()), worker: z.optional(z.boolean()) });

/**
 * The runtime of browsers: the npm package onnxruntime-web, 1.30 or newer. Providers: `wasm` (WebAssembly with SIMD), and
 * where the browser has them `webgpu` and `webnn`. On `wasm` it runs in Node too, several times slower than native code.
 *
 * It uses threads only where the page is cross-origin isolated (COOP and COEP headers), otherwise one. Threads,
 * `wasmPaths` and `worker` are fixed for the page by its first session.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unknown options
 */
export function onnxruntimeWeb(options: OnnxruntimeWebOptions = {}): Runtime {
  const { wasmPaths, worker = false } = parseOptions(schema, options, 'onnxruntimeWeb() options');
  return {
    name: 'onnxruntime-web',
    async createSession(model, sessionOptions = {}) {
      checkModelBytes(model);
      checkSessionOptions(sessionOptions);
      refuseNodeOptions(sessionOptions);
      try {
        const preferred = sessionOptions.executionProviders ?? ['wasm'];
        const accelerated = preferred.some((provider) => providerName(provider) !== 'wasm');
        const ort = await loadPackage(accelerated);
        // 0 leaves the number to onnxruntime-web: half the cores, 4 at most.
        ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? (sessionOptions.threads ?? 0) : 1;
        ort.env.wasm.proxy = worker;
        if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
        const engine = await openOrtEngine(ort, model, sessionOptions, preferred, presentProviders(), {
          explain: async (provider, reason) => `${reason}${lacking[provider] ?? ''}`,
        });
        return new EngineSession(worker ? copyingEngine(engine) : engine);
      } catch (error) {
        throw toPerceptError(error);
      }
    },
  };
}

const lacking: Readonly<Record<string, string>> = {
  webgpu:
    '. This browser offers no WebGPU (navigator.gpu) to this page: it needs HTTPS or localhost and a supported GPU',
  webnn: '. This browser offers no WebNN (navigator.ml) to this page: it is behind a flag in most browsers',
};

function presentProviders(): string[] {
  const { gpu, ml } = (globalThis.navigator ?? {}) as { gpu?: unknown; ml?: unknown };
  return ['wasm', ...(gpu === undefined ? [] : ['webgpu']), ...(ml === undefined ? [] : ['webnn'])];
}

function refuseNodeOptions({ optimizedModelPath, profiling }: SessionOptions): void {
  const asked = optimizedModelPath !== undefined ? 'optimizedModelPath' : profiling === true ? 'profiling' : undefined;
  if (asked === undefined) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected no ${asked} in createSession() options: onnxruntime-web writes it where no page can read it. Use onnxruntimeNode()`,
  );
}

/** The worker of onnxruntime-web takes the memory of feeds away from their owner. */
function copyingEngine(engine: Engine): Engine {
  const { inputs, outputs, provider, refused } = engine;
  return {
    inputs,
    outputs,
    provider,
    refused,
    run: (feeds, options) =>
      engine.run(
        options.transfer
          ? feeds
          : Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, copyTensor(feed)])),
        options,
      ),
    close: () => engine.close(),
  };
}

async function loadPackage(accelerated: boolean) {
  try {
    return accelerated ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  } catch (cause) {
    throw new EngineFailure(
      'missing-peer',
      'Expected the optional package onnxruntime-web; install it: npm install onnxruntime-web',
      cause,
    );
  }
}
