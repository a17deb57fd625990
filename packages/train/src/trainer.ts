import type { Runtime } from '@percept/onnx';
import { onnxruntimeWeb } from '@percept/onnx/backends/web';
import { startStepWorker } from './start-step-worker.js';
import type { StepRunner } from './step-executor.js';
import type { StepWorkerOptions } from './step-worker-protocol.js';
import { TrainerBase } from './trainer-base.js';

/**
 * Trains a model in the browser: on WebAssembly, in a module worker. Weights, optimizer state and running statistics live
 * there, the whole step is one ONNX graph, and the page stays responsive.
 *
 * The result is a function of model, data, options and seed, and with a checkpoint a training goes on after a reload as if
 * it had never ended.
 */
export class Trainer extends TrainerBase {
  protected override startWorker(options: StepWorkerOptions): StepRunner {
    return startStepWorker(options);
  }
  protected override defaultRuntime(): Runtime {
    return onnxruntimeWeb({ worker: true });
  }
}
