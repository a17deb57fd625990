import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { type Engine, EngineFailure } from '../engine.js';
import { providerName } from '../execution-provider.js';
import { checkModelBytes } from '../model-bytes.js';
import { openSession } from '../open-session.js';
import { openOrtEngine } from '../ort-engine.js';
import { proxyFeeds } from '../proxy-feeds.js';
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
   * Whether the sessions of the page, all on `wasm`, compute in a worker of onnxruntime-web, which keeps the page
   * responsive. The first session decides it for all of them; `webgpu` and `webnn` are refused then. In Node and inside
   * of workers it has no effect: there the thread that calls computes. Default `false`.
   */
  worker?: boolean;
}

const schema = z.strictObject({ wasmPaths: z.optional(z.string()), worker: z.optional(z.boolean()) });

/**
 * The runtime of browsers: the npm package onnxruntime-web, 1.30 or newer. Providers: `wasm` (WebAssembly with SIMD), and
 * where the browser has them `webgpu` and `webnn`. On `wasm` it runs in Node too, several times slower than native code.
 *
 * It uses threads only where the page is cross-origin isolated (COOP and COEP headers), otherwise one. Threads,
 * `wasmPaths` and `worker` are fixed for the page by its first session. Sessions of a page wait for one another on
 * `webgpu` and `webnn`.
 *
 * `createSession` rejects with `ONNX_RUNTIME_CONFLICT` when an earlier session of the page had another `worker`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unknown options
 */
export function onnxruntimeWeb(options: OnnxruntimeWebOptions = {}): Runtime {
  const { wasmPaths, worker = false } = parseOptions(schema, options, 'onnxruntimeWeb() options');
  return {
    name: 'onnxruntime-web',
    async createSession(model, sessionOptions = {}) {
      checkModelBytes(model);
      checkSessionOptions(sessionOptions, 'onnxruntime-web');
      refuseNodeOptions(sessionOptions);
      // A page has documents, a worker and Node have not; onnxruntime-web looks at the same.
      const proxied = worker && 'document' in globalThis;
      const open = async (): Promise<Engine> => {
        const preferred = sessionOptions.executionProviders ?? ['wasm'];
        const present = proxied ? ['wasm'] : presentProviders();
        const accelerated = preferred.map(providerName).some((name) => name !== 'wasm' && present.includes(name));
        const ort = await loadPackage(accelerated);
        settle(proxied);
        // 0 leaves the number to onnxruntime-web: half the cores, 4 at most.
        ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? (sessionOptions.threads ?? 0) : 1;
        ort.env.wasm.proxy = proxied;
        if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
        // Its worker takes the memory of the model away.
        const engine = await openOrtEngine(ort, proxied ? new Uint8Array(model) : model, sessionOptions, preferred, {
          present,
          explain: (provider, reason) => `${reason}${(proxied ? whyNotProxied : lacking)[provider] ?? ''}`,
          ...(accelerated && { alone }),
        });
        return proxied ? proxiedEngine(engine) : engine;
      };
      return openSession(open, sessionOptions.signal);
    },
  };
}

const lacking: Readonly<Record<string, string>> = {
  webgpu:
    '. WebGPU needs a page of HTTPS or localhost, a browser that has it, and a GPU that the browser supports (see chrome://gpu)',
  webnn: '. WebNN needs a page of HTTPS or localhost and a browser that has it, in most of them behind a flag',
  cpu: ': the processor is called wasm here',
};

const whyNotProxied: Readonly<Record<string, string>> = {
  webgpu: '. It cannot compute in the worker of onnxruntime-web: use onnxruntimeWeb() without worker',
  webnn: '. It cannot compute in the worker of onnxruntime-web: use onnxruntimeWeb() without worker',
};

function presentProviders(): string[] {
  const { gpu, ml } = (globalThis.navigator ?? {}) as { gpu?: unknown; ml?: unknown };
  return ['wasm', ...(gpu === undefined ? [] : ['webgpu']), ...(ml === undefined ? [] : ['webnn'])];
}

let settled: boolean | undefined;

/** onnxruntime-web looks at its setting in every call: another one would send the calls of open sessions astray. */
function settle(proxied: boolean): void {
  settled ??= proxied;
  if (settled === proxied) return;
  throw new EngineFailure(
    'conflict',
    `Expected onnxruntimeWeb({ worker: ${settled} }), as the first session of the page had it, but received worker: ${proxied}. Use one setting for the whole page`,
  );
}

let last: Promise<unknown> = Promise.resolve();

/** WebAssembly that waits for the GPU in the middle of a call cannot take another call. */
function alone<Result>(work: () => Promise<Result>): Promise<Result> {
  const done = last.then(work);
  last = done.catch(() => undefined);
  return done;
}

/** onnxruntime-web writes files where no page can read them. */
function refuseNodeOptions({ optimizedModelPath, profiling }: SessionOptions): void {
  if (optimizedModelPath !== undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected no optimizedModelPath in createSession() options: onnxruntime-web has no files. Use onnxruntimeNode()',
    );
  }
  if (profiling === true) {
    throw new PerceptError(
      'ONNX_PROFILE_UNAVAILABLE',
      'Expected no profiling in createSession() options: onnxruntime-web keeps its recording to itself. Use onnxruntimeNode() or interpreter()',
    );
  }
}

function proxiedEngine(engine: Engine): Engine {
  const { inputs, outputs, provider, refused, cpuFallback } = engine;
  return {
    inputs,
    outputs,
    provider,
    refused,
    cpuFallback,
    run: (feeds, options) => engine.run(proxyFeeds(feeds, options.transfer), options),
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
