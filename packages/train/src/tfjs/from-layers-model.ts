import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import type { EngineModel } from '../engine.js';
import { checkTensorFlow } from './check-tensor-flow.js';
import { finalActivation } from './final-activation.js';
import { leafLayers } from './leaf-layers.js';
import type { TensorFlowModule, TfLayersModel } from './tensor-flow-module.js';
import { TfjsEngine } from './tfjs-engine.js';

/** Options of {@link fromLayersModel}. */
export interface FromLayersModelOptions {
  /**
   * What the loss compares with the labels: `'logits'`, the output without the softmax or sigmoid that the model may end in,
   * as losses of this package want them, or the `'output'` as it is. The trained model has the activation either way. Default
   * `'logits'`.
   */
  scores?: 'logits' | 'output';
}

const schema = z.strictObject({ scores: z.enum(['logits', 'output']).optional() });

/**
 * Makes a LayersModel of TensorFlow.js something that `Trainer` trains, with all its options, data, losses, optimizers,
 * callbacks and checkpoints: `new Trainer({ model: fromLayersModel(tf, layersModel), … })`. TensorFlow.js is handed in,
 * `@tensorflow/tfjs-node` or `@tensorflow/tfjs`, and computes forward and backward in the thread that calls. Batches are
 * `[N, C, H, W]` as ever; the trained model is ONNX, see {@link layersModelToOnnx}.
 *
 * The LayersModel is trained in place and has the last weights afterwards; `loadOnnxWeights` gives it those of a result, such
 * as the best or the averaged ones. What is compiled into it (optimizer, loss) is not used, while constraints and regularizers
 * of layers are. Layers with `trainable: false` stay, batch normalizations with their statistics; the others move theirs with
 * their own momentum. `threads` says nothing to TensorFlow.js.
 * What `Dropout` drops is drawn anew for each step by the trainer's `seed`, in place of the layer's own; the noise of
 * GaussianNoise, GaussianDropout and AlphaDropout cannot be seeded, so with such layers no two trainings are the same.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when `tf` is not TensorFlow.js, `TRAIN_TFJS_NODE_BROKEN` for tfjs-node in Node 23
 *   or later, `TRAIN_MODEL_INVALID` for a model of several inputs or outputs or without anything to train,
 *   `TRAIN_UNSUPPORTED`, naming the layer, for one that TensorFlow.js cannot train
 */
export function fromLayersModel(
  tf: TensorFlowModule,
  layersModel: TfLayersModel,
  options: FromLayersModelOptions = {},
): EngineModel {
  const { scores = 'logits' } = parseOptions(schema, options, 'fromLayersModel() options');
  const ops = checkTensorFlow(tf);
  checkModel(layersModel);
  const last = scores === 'logits' ? finalActivation(layersModel) : undefined;
  return {
    async createEngine(engineOptions) {
      await ops.ready();
      return TfjsEngine.create({ tf: ops, model: layersModel, last }, engineOptions);
    },
  };
}

function checkModel(model: TfLayersModel): void {
  if (!Array.isArray(model?.layers) || !Array.isArray(model.inputs) || !Array.isArray(model.outputs)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected a LayersModel: tf.sequential() with the shape of its input, tf.model(), or what tf.loadLayersModel() gives',
    );
  }
  const { inputs, outputs, trainableWeights } = model;
  if (inputs.length !== 1 || outputs.length !== 1 || trainableWeights.length === 0) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected a LayersModel of one input, one output and weights to train but received ${inputs.length}, ${outputs.length} and ${trainableWeights.length} of them. Take one output with tf.model({ inputs, outputs }), and leave layers trainable`,
    );
  }
  for (const layer of leafLayers(model)) {
    const { scale, center } = layer.getConfig() as { scale?: unknown; center?: unknown };
    if (layer.getClassName() === 'BatchNormalization' && (scale === false || center === false)) {
      throw new PerceptError(
        'TRAIN_UNSUPPORTED',
        `Expected batch normalizations that TensorFlow.js can train but ${layer.name} has no ${scale === false ? 'scale' : 'center'}. Build it with both, or convert the model with layersModelToOnnx() and train it on onnxruntime`,
        { details: { layer: layer.name } },
      );
    }
  }
}
