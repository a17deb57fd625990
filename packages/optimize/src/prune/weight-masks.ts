import { type Tensor, tensor } from '@percept/core';
import { cloneModel, type Model } from '@percept/onnx';
import { hoistConstants } from '../graph/simplify.js';
import { weightedNodes } from './weighted-nodes.js';

/** Which elements of a model's weights stay (1) and which are zero (0), by name of the constant, in its order. */
export type WeightMasks = ReadonlyMap<string, Uint8Array>;

/** The zeros that stand in a model's weights, as masks: of layers that have any. */
export function masksOfZeros(model: Model): WeightMasks {
  const masks = new Map<string, Uint8Array>();
  for (const { weight, value } of weightedNodes(withInitializers(model).graph)) {
    const mask = Uint8Array.from(value.data, (element) => (element === 0 ? 0 : 1));
    if (mask.includes(0)) masks.set(weight, mask);
  }
  return masks;
}

/** A copy of a model with zeros where the masks say so; the rest of each weight stays bit for bit. */
export function applyMasks(model: Model, masks: WeightMasks): Model {
  const result = withInitializers(model);
  const { initializers } = result.graph;
  for (const [name, mask] of masks) {
    const value = initializers.get(name) as Tensor<'float32'> | undefined;
    if (value === undefined) continue;
    initializers.set(
      name,
      tensor(
        'float32',
        value.dims,
        value.data.map((element, at) => (mask[at] === 0 ? 0 : element)),
      ),
    );
  }
  return result;
}

/** A copy of a model in which Constant nodes are initializers. */
export function withInitializers(model: Model): Model {
  const result = cloneModel(model);
  hoistConstants(result.graph);
  return result;
}
