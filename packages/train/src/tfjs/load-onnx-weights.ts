import { PerceptError } from '@percept/core';
import type { Model } from '@percept/onnx';
import type { TensorFlow, TensorFlowModule, TfLayersModel, TfVariable } from './tensor-flow-module.js';
import { fixedPrefix } from './to-onnx/conversion.js';
import { convertModel } from './to-onnx/convert-model.js';
import { fromOnnxOrder } from './to-onnx/weight-layout.js';
import { weightValues } from './weight-values.js';

/**
 * Brings weights back into a LayersModel, from an ONNX model that {@link layersModelToOnnx} or a training of the LayersModel
 * made, trained with whatever engine since. The numbers are taken over exactly. Nothing is changed when one does not fit.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID`, naming the weight, where the model has none of that name and shape, or one that
 *   the layers have not was trained;
 *   `TRAIN_UNSUPPORTED` for a layer without counterpart in ONNX
 */
export async function loadOnnxWeights(tf: TensorFlowModule, layersModel: TfLayersModel, model: Model): Promise<void> {
  const ops = tf as unknown as TensorFlow;
  const { model: converted, layouts } = convertModel(layersModel, await weightValues(layersModel));
  checkFixed(converted, model);
  const found = [...layouts].map(([name, { weight, layout }]) => {
    const given = model.graph.initializers.get(name);
    const { dims } = layout;
    if (given?.type !== 'float32' || given.dims.join() !== dims.join()) {
      const received = given === undefined ? 'none' : `${given.type} [${given.dims.join(', ')}]`;
      throw new PerceptError(
        'TRAIN_MODEL_INVALID',
        `Expected a weight ${name} of float32 [${dims.join(', ')}] but received ${received}. Give a model that layersModelToOnnx() made of this LayersModel, with its weights as they were named`,
        { details: { weight: name } },
      );
    }
    return { weight, data: fromOnnxOrder(given.data as Float32Array, layout) };
  });
  for (const { weight, data } of found) {
    // Not write(), which applies the constraint of the layer again.
    const value = ops.tensor(data, weight.shape as number[], 'float32');
    (weight.read() as TfVariable).assign(value);
    value.dispose();
  }
}

/** Refuses scales and offsets that a training has moved though the layer has no weight for them. */
function checkFixed(converted: Model, given: Model): void {
  for (const [name, { data }] of converted.graph.initializers) {
    const found = name.startsWith(fixedPrefix) ? given.graph.initializers.get(name) : undefined;
    if (found === undefined || data.every((value, at) => value === found.data[at])) continue;
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected ${name} as it was converted but it was trained, and the BatchNormalization that it is of has no weight for it. Build the layer with scale and center, or freeze ${name} while training the ONNX model`,
      { details: { weight: name } },
    );
  }
}
