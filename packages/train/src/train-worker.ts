// The thread that trains in a browser: a module worker, built to dist/train-worker.js.
/// <reference lib="webworker" />
import { onnxruntimeWeb } from '@percept/onnx/backends/web';
import { exposeStepWorker } from './expose-step-worker.js';

declare const self: DedicatedWorkerGlobalScope;

const take = exposeStepWorker(
  ({ wasmPaths }) => onnxruntimeWeb(wasmPaths === undefined ? {} : { wasmPaths }),
  (reply) => self.postMessage(reply),
  () => self.close(),
);
self.addEventListener('message', ({ data }) => take(data));
