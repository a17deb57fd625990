import type { Tensor } from '@percept/core';
import { cloneModel, type Model } from '@percept/onnx';

/** The model with its constants replaced by their trained values. */
export function withState(model: Model, state: ReadonlyMap<string, Tensor>): Model {
  const trained = cloneModel(model);
  const { graph } = trained;
  // What a Constant node made becomes an initializer, so that it can be trained again.
  graph.nodes = graph.nodes.filter(({ opType, outputs }) => opType !== 'Constant' || !state.has(outputs[0]!));
  for (const [name, value] of state) graph.initializers.set(name, value);
  return trained;
}
