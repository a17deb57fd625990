// What a training needs of a browser: a module worker with onnxruntime-web.
import type { Runtime } from '@percept/onnx';
import { onnxruntimeWeb } from '@percept/onnx/backends/web';

export { startStepWorker } from './start-step-worker.js';

/** What runs the frozen part of a model once, and measures. `wasmPaths` says where the files of onnxruntime-web are served. */
export function defaultRuntime(wasmPaths: string | undefined): Runtime {
  return onnxruntimeWeb({ worker: true, ...(wasmPaths === undefined ? {} : { wasmPaths }) });
}
