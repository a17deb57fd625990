import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { checkModelBytes } from '../model-bytes.js';
import { openNodeEngine } from '../onnxruntime-node.js';
import { openSession } from '../open-session.js';
import { openRecorded } from '../recording.js';
import type { Runtime } from '../runtime.js';
import { checkSessionOptions } from '../session-options.js';
import { openWorkerEngine } from '../worker-engine.js';

export { type ExitGuard, guardExit } from '../exit-guard.js';

/** Options of {@link onnxruntimeNode}. */
export interface OnnxruntimeNodeOptions {
  /**
   * Whether every session gets a worker thread of its own (default), which keeps the event loop free while it computes.
   * Without, `run` blocks the thread that calls it: right inside a worker that does nothing else.
   */
  worker?: boolean;
  /** With `worker: false` inside a worker thread: the memory of the {@link guardExit} that its starter holds. */
  exitGuard?: SharedArrayBuffer;
}

const schema = z.strictObject({
  worker: z.optional(z.boolean()),
  exitGuard: z.optional(z.instanceof(SharedArrayBuffer)),
});

/**
 * The runtime of Node: the npm package onnxruntime-node, 1.30 or newer. Providers: `cpu` everywhere; `webgpu` where there is
 * an adapter; `cuda` and `tensorrt` on Linux x64, `coreml` on macOS, `dml` on Windows.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unknown options
 */
export function onnxruntimeNode(options: OnnxruntimeNodeOptions = {}): Runtime {
  const { worker = true, exitGuard } = parseOptions(schema, options, 'onnxruntimeNode() options');
  return {
    name: 'onnxruntime-node',
    async createSession(model, sessionOptions = {}) {
      checkModelBytes(model);
      checkSessionOptions(sessionOptions, 'onnxruntime-node');
      const open = (tracePrefix?: string) =>
        (worker ? openWorkerEngine : openNodeEngine)(model, sessionOptions, { exitGuard, tracePrefix });
      return openSession(
        () => (sessionOptions.profiling === true ? openRecorded(open) : open()),
        sessionOptions.signal,
      );
    },
  };
}
