import type { TfLayer, TfLayersModel } from './tensor-flow-module.js';
import { isModel } from './to-onnx/convert-model.js';

/** The layers of a model and of the models within it, each once. */
export function leafLayers(model: TfLayersModel): readonly TfLayer[] {
  const leaves = new Set<TfLayer>();
  const visit = (layers: readonly TfLayer[]): void => {
    for (const layer of layers) {
      if (isModel(layer)) visit(layer.layers);
      else leaves.add(layer);
    }
  };
  visit(model.layers);
  return [...leaves];
}
