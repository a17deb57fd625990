import { onnxruntimeWeb } from '@percept/onnx/backends/web';
import { startStepWorker } from './start-step-worker.js';
import type { TrainingPlatform } from './training-setup.js';

/** Trains in a module worker with onnxruntime-web. */
export const platform: TrainingPlatform = {
  startWorker: startStepWorker,
  defaultRuntime: (wasmPaths) => onnxruntimeWeb({ worker: true, ...(wasmPaths === undefined ? {} : { wasmPaths }) }),
};
