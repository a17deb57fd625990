import type { Tensor } from '@percept/core';
import { cloneModel, type Model } from '@percept/onnx';

/** The model with its constants replaced by their trained values; the optimizer's part of `state` is left out. */
export function withState(model: Model, state: ReadonlyMap<string, Tensor>): Model {
  const trained = cloneModel(model);
  const { graph } = trained;
  // What a Constant node made becomes an initializer, so that it can be trained again.
  graph.nodes = graph.nodes.filter(({ opType, outputs }) => {
    const value = opType === 'Constant' ? state.get(outputs[0]!) : undefined;
    if (value !== undefined) graph.initializers.set(outputs[0]!, value);
    return value === undefined;
  });
  for (const [name, value] of state) {
    if (graph.initializers.has(name)) graph.initializers.set(name, value);
  }
  return trained;
}
