import type { Runtime } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { startStepWorker } from './start-step-worker.node.js';
import type { StepRunner } from './step-executor.js';
import type { StepWorkerOptions } from './step-worker-protocol.js';
import { TrainerBase } from './trainer-base.js';

/**
 * Trains a model. Weights, optimizer state and running statistics live in one worker thread, the whole step is one ONNX
 * graph, and this thread stays free.
 *
 * The result is a function of model, data, options and seed: with a checkpoint, a training that was killed at any moment
 * and is started again with the same options ends with the same bits (on one runtime version, CPU family and number of
 * threads).
 */
export class Trainer extends TrainerBase {
  protected override startWorker(options: StepWorkerOptions): StepRunner {
    return startStepWorker(options);
  }
  protected override defaultRuntime(): Runtime {
    return onnxruntimeNode();
  }
}
