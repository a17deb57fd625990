import { TrainerBase } from './trainer-base.js';
import type { TrainerOptions } from './trainer-options.js';
import { platform } from './training-platform.js';

/**
 * Trains a model in the browser: on WebAssembly, in a module worker. Weights, optimizer state and running statistics live
 * there, the whole step is one ONNX graph, and the page stays responsive.
 *
 * The result is a function of model, data, options and seed, and with a checkpoint a training goes on after a reload as if
 * it had never ended.
 */
export class Trainer extends TrainerBase {
  constructor(options: TrainerOptions) {
    super(options, platform);
  }
}
