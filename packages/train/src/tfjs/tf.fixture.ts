// TensorFlow.js in plain JavaScript, as a user would hand it in.
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import type { TensorFlow } from './tensor-flow-module.js';

// Without it the library advertises its native build on the console.
core.enableProdMode();

export const tf: typeof core & typeof layers = { ...core, ...layers };
await tf.setBackend('cpu');

/** The same, as it is used inside. */
export const ops = tf as unknown as TensorFlow;
