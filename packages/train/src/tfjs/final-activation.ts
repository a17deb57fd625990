// LayersModels for classification mostly end in a softmax or a sigmoid, but losses take logits. While a model is trained its
// last activation is passed by; nothing of the model changes.
import { PerceptError } from '@percept/core';
import type { TfLayer, TfLayersModel, TfSymbolicTensor } from './tensor-flow-module.js';
import { isModel } from './to-onnx/convert-model.js';

/** What of a layer is put aside while scores are computed. */
interface OpenLayer {
  activation?: unknown;
  call?: (inputs: unknown) => unknown;
}

const probabilities = ['softmax', 'logSoftmax', 'sigmoid'];
const linear = { apply: (x: unknown) => x, getClassName: () => 'linear', getConfig: () => ({}) };
const firstOf = (inputs: unknown): unknown => (Array.isArray(inputs) ? inputs[0] : inputs);

/**
 * The layer whose activation turns logits into probabilities at the end of the model; `undefined` where none does.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the layer stands at other places, too
 */
export function finalActivation(model: TfLayersModel): TfLayer | undefined {
  const layer = lastLayer(model.outputs[0]!);
  const { activation } = layer.getConfig() as { activation?: unknown };
  const has = layer.getClassName() === 'Softmax' || probabilities.includes(activation as string);
  if (has && layer.inboundNodes.length > 1) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected the last layer ${layer.name}, whose activation is left out while training, to be used once but it is used ${layer.inboundNodes.length} times. Give { scores: 'output' } to train on the output as it is`,
    );
  }
  return has ? layer : undefined;
}

/** Computes with the layer's activation passed by. */
export function withoutActivation<Result>(layer: TfLayer | undefined, compute: () => Result): Result {
  if (layer === undefined) return compute();
  const open = layer as unknown as OpenLayer;
  if (layer.getClassName() === 'Softmax') {
    open.call = firstOf;
    try {
      return compute();
    } finally {
      // The method of the class shows again.
      delete open.call;
    }
  }
  const { activation } = open;
  open.activation = linear;
  try {
    return compute();
  } finally {
    open.activation = activation;
  }
}

function lastLayer({ sourceLayer, tensorIndex = 0 }: TfSymbolicTensor): TfLayer {
  return isModel(sourceLayer) ? lastLayer(sourceLayer.outputs[tensorIndex]!) : sourceLayer;
}
