import { availableParallelism } from 'node:os';
import { type Engine, EngineFailure } from './engine.js';
import { workGate } from './exit-guard.js';
import { explainMissing } from './missing-library.js';
import { type Ort, openOrtEngine } from './ort-engine.js';
import { Recording } from './recording.js';
import type { SessionOptions } from './runtime.js';

/**
 * Loads a model with onnxruntime-node in this thread. Runs block the thread while they compute. With `exitGuard`, the
 * memory of a gate, the process does not end inside native code.
 */
export async function openNodeEngine(
  model: Uint8Array,
  options: SessionOptions,
  exitGuard?: SharedArrayBuffer,
): Promise<Engine> {
  const ort = await loadPackage();
  // Both packages register their backends in one shared module, and a session meant for native code then runs on WASM,
  // several times slower, without a word.
  if ('web' in ort.env.versions) {
    throw new EngineFailure(
      'conflict',
      'Expected onnxruntime-node alone in its thread but onnxruntime-web is loaded too. Use onnxruntimeNode({ worker: true }), or run one of them in a worker of its own',
    );
  }
  // The first session decides how talkative the native library is; what matters is thrown.
  if (ort.env.logLevel === 'warning') ort.env.logLevel = 'fatal';
  const present = ort.listSupportedBackends().map(({ name }) => name);
  // Left to itself, onnxruntime pins its threads to cores, and those of several sessions to the same ones.
  const settings = { ...options, threads: options.threads ?? availableParallelism() };
  const gate = exitGuard && workGate(exitGuard);
  if (gate?.enter() === false) throw new EngineFailure('load', 'Expected to load the model but the process is ending');
  try {
    const recording = options.profiling === true ? await Recording.begin() : undefined;
    const engine = await openOrtEngine(
      ort satisfies Ort,
      model,
      settings,
      options.executionProviders ?? ['cpu'],
      present,
      { gate, explain: explainMissing, profilePrefix: recording?.prefix },
    );
    return recording ? Object.assign(engine, { trace: () => recording.end(engine) }) : engine;
  } finally {
    gate?.leave();
  }
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
