import type { Model } from '@percept/onnx';
import type { WeightMasks } from './weight-masks.js';
import { weightedNodes } from './weighted-nodes.js';

/** What masks make of a model. */
export interface SparseModel {
  readonly model: Model;
  /** For `keepZeros`, so that training on leaves the zeros in place. */
  readonly masks: WeightMasks;
  readonly layers: readonly LayerSparsity[];
}

/** How much of a layer's weights is zero. */
export interface LayerSparsity {
  /** Name of the node, or of its first output where it has none. */
  readonly layer: string;
  /** Name of the constant. */
  readonly weight: string;
  readonly dims: readonly number[];
  readonly elements: number;
  readonly zeros: number;
  /** Zeros by elements, 0..1. */
  readonly sparsity: number;
}

/** The sparsity of every weighted layer, in the order of the graph. */
export function layerSparsities({ graph }: Model): LayerSparsity[] {
  return weightedNodes(graph).map(({ layer, weight, value }) => {
    const elements = value.data.length;
    let zeros = 0;
    for (const element of value.data) if (element === 0) zeros++;
    return { layer, weight, dims: value.dims, elements, zeros, sparsity: elements === 0 ? 0 : zeros / elements };
  });
}
