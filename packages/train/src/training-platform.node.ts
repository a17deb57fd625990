import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { startStepWorker } from './start-step-worker.node.js';
import type { TrainingPlatform } from './training-setup.js';

/** Trains in a worker thread with onnxruntime-node. */
export const platform: TrainingPlatform = {
  startWorker: startStepWorker,
  defaultRuntime: () => onnxruntimeNode(),
};
