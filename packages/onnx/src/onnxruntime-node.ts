import { type Engine, EngineFailure } from './engine.js';
import { type Ort, openOrtEngine } from './ort-engine.js';
import type { SessionOptions } from './runtime.js';

/** Loads a model with onnxruntime-node in this thread. Runs block the thread while they compute. */
export async function openNodeEngine(model: Uint8Array, options: SessionOptions): Promise<Engine> {
  const ort = await loadPackage();
  // Both packages register their backends in one shared module, and a session meant for native code then runs on WASM,
  // several times slower, without a word.
  if ('web' in ort.env.versions) {
    throw new EngineFailure(
      'conflict',
      'Expected onnxruntime-node alone in its thread but onnxruntime-web is loaded too. Use onnxruntimeNode({ worker: true }), or run one of them in a worker of its own',
    );
  }
  const present = ort.listSupportedBackends().map(({ name }) => name);
  return openOrtEngine(ort satisfies Ort, model, options, options.executionProviders ?? ['cpu'], present);
}

async function loadPackage() {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new EngineFailure(
      'missing-peer',
      'Expected the optional package onnxruntime-node; install it: npm install onnxruntime-node --ignore-scripts (its install script only downloads CUDA libraries, which the CPU does not need)',
      cause,
    );
  }
}
