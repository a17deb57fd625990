import type { TfLayersModel, TfLayerVariable } from './tensor-flow-module.js';

/** A copy of the present value of every weight, in the layout of the layers. */
export async function weightValues(model: TfLayersModel): Promise<ReadonlyMap<TfLayerVariable, Float32Array>> {
  const values = new Map<TfLayerVariable, Float32Array>();
  for (const weight of model.weights) values.set(weight, Float32Array.from(await weight.read().data()));
  return values;
}
