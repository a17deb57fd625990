import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EngineOptions, StepRequest, TrainingEngine } from '../engine.js';
import { crossEntropy } from '../losses.js';
import { sgd } from '../optimizers/sgd.js';
import { tf } from './tf.fixture.js';

export const engineOptions: EngineOptions = {
  loss: crossEntropy(),
  optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }),
  classes: ['top left', 'top right', 'bottom left', 'bottom right'],
  accumulate: 1,
  seed: 3,
  threads: undefined,
};

/** A classifier of 8×8 grey images with everything that has state, named so that it is the same when built again. */
export function toyModel({ dropout = 0, softmax = true } = {}): LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 7 });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        useBias: false,
        inputShape: [8, 8, 1],
        name: 'conv',
        kernelInitializer,
      }),
      tf.layers.batchNormalization({ name: 'norm', momentum: 0.9 }),
      tf.layers.reLU({ name: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2, name: 'pool' }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dropout({ rate: dropout, name: 'dropout' }),
      tf.layers.dense({ units: 4, name: 'head', kernelInitializer, activation: softmax ? 'softmax' : 'linear' }),
    ],
  });
}

/** The request of a step, `update` unless said otherwise. */
export function request(batch: StepRequest['batch'], step = 0, update = true): StepRequest {
  return { batch, epoch: 0, step, scalars: { learningRate: 0.05 }, update };
}

/** Restores the initial state. */
export async function started(engine: TrainingEngine): Promise<TrainingEngine> {
  await engine.restore(engine.initialState());
  return engine;
}
