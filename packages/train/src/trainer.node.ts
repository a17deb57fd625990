import { TrainerBase } from './trainer-base.js';
import type { TrainerOptions } from './trainer-options.js';
import { platform } from './training-platform.node.js';

/**
 * Trains a model. Weights, optimizer state and running statistics live in one worker thread, the whole step is one ONNX
 * graph, and this thread stays free.
 *
 * The result is a function of model, data, options and seed: with a checkpoint, a training that was killed at any moment
 * and is started again with the same options ends with the same bits (on one runtime version, CPU family and number of
 * threads).
 */
export class Trainer extends TrainerBase {
  constructor(options: TrainerOptions) {
    super(options, platform);
  }
}
