import { type Model, writeModel } from '@percept/onnx';
import { gzipSize } from '../compare/gzip-size.js';
import { type LayerSparsity, layerSparsities } from './sparse-model.js';
import { withInitializers } from './weight-masks.js';

/** What {@link describeSparsity} found. */
export interface SparsityReport {
  readonly layers: readonly LayerSparsity[];
  /** Weights of the layers together, biases and normalizations left out. */
  readonly elements: number;
  readonly zeros: number;
  /** Zeros by elements, 0..1. */
  readonly sparsity: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes of the file after gzip, which is what sparse weights save. */
  readonly gzip: number;
}

/** How sparse the weights of a model are, layer by layer, and what its file takes as it is and compressed. */
export async function describeSparsity(model: Model): Promise<SparsityReport> {
  const layers = layerSparsities(withInitializers(model));
  const elements = layers.reduce((sum, layer) => sum + layer.elements, 0);
  const zeros = layers.reduce((sum, layer) => sum + layer.zeros, 0);
  const bytes = writeModel(model);
  return {
    layers,
    elements,
    zeros,
    sparsity: elements === 0 ? 0 : zeros / elements,
    size: bytes.length,
    gzip: await gzipSize(bytes),
  };
}
