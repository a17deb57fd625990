// What a training needs of Node: a worker thread with onnxruntime-node.
import type { Runtime } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';

export { startStepWorker } from './start-step-worker.node.js';

/** What runs the frozen part of a model once, and measures; `wasmPaths` is for browsers. */
export function defaultRuntime(_wasmPaths?: string): Runtime {
  return onnxruntimeNode();
}
