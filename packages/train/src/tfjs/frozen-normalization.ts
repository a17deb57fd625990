// A batch normalization whose layer is not trained normalizes by its statistics and leaves them, as in Keras: a frozen
// backbone stays as it is. TensorFlow.js itself goes by the batch and moves them.
import type { TfLayer, TfLayersModel } from './tensor-flow-module.js';

/** What a layer's own `call` is put in front of. */
interface OpenLayer {
  call?: (inputs: unknown, options: Readonly<Record<string, unknown>>) => unknown;
}

/** The batch normalizations of which no weight is trained. */
export function frozenNormalizations(model: TfLayersModel, layers: readonly TfLayer[]): readonly TfLayer[] {
  const trained = new Set(model.trainableWeights);
  return layers.filter(
    (layer) => layer.getClassName() === 'BatchNormalization' && !layer.weights.some((weight) => trained.has(weight)),
  );
}

/** Computes while the given layers do as in use. */
export function withFrozen<Result>(frozen: readonly TfLayer[], compute: () => Result): Result {
  const open = frozen as unknown as OpenLayer[];
  for (const layer of open) {
    const { call } = layer;
    layer.call = (inputs, options) => call!.call(layer, inputs, { ...options, training: false });
  }
  try {
    return compute();
  } finally {
    // The methods of the class show again.
    for (const layer of open) delete layer.call;
  }
}
