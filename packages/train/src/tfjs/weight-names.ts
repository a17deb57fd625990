import type { TfLayersModel, TfLayerVariable } from './tensor-flow-module.js';

/**
 * The name of every weight: that of model.json, such as `conv2d_1/kernel`. Of two equal ones (layers of that name in two
 * nested models) the second is `conv2d_1/kernel_1`.
 */
export function weightNames(model: TfLayersModel): ReadonlyMap<TfLayerVariable, string> {
  const names = new Map<TfLayerVariable, string>();
  const taken = new Set<string>();
  for (const weight of model.weights) {
    let name = weight.originalName;
    for (let suffix = 1; taken.has(name); suffix++) name = `${weight.originalName}_${suffix}`;
    taken.add(name);
    names.set(weight, name);
  }
  return names;
}
