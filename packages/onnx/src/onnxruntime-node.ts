import { availableParallelism } from 'node:os';
import { EngineFailure, type TracedEngine } from './engine.js';
import { workGate } from './exit-guard.js';
import { explainMissing } from './missing-library.js';
import { type Ort, openOrtEngine } from './ort-engine.js';
import type { SessionOptions } from './runtime.js';
import { switchTelemetryOff } from './telemetry.js';

/** What {@link openNodeEngine} is given besides. */
export interface NodeEngineOptions {
  /** Memory of a gate: the process does not end inside native code. */
  readonly exitGuard: SharedArrayBuffer | undefined;
  /** Runs are recorded in a file whose path begins with it. */
  readonly tracePrefix: string | undefined;
}

/** Loads a model with onnxruntime-node in this thread. Runs block the thread while they compute. */
export async function openNodeEngine(
  model: Uint8Array,
  options: SessionOptions,
  { exitGuard, tracePrefix }: NodeEngineOptions,
): Promise<TracedEngine> {
  switchTelemetryOff();
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
    return await openOrtEngine(ort satisfies Ort, model, settings, options.executionProviders ?? ['cpu'], {
      present,
      explain: explainMissing,
      gate,
      tracePrefix,
    });
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
