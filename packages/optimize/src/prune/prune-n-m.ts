import { parseOptions } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { type LayerPatterns, layerPatternsSchema } from './name-patterns.js';
import { chosenLayers } from './prune-magnitude.js';
import { layerSparsities, type SparseModel } from './sparse-model.js';
import { applyMasks, withInitializers } from './weight-masks.js';
import type { WeightedNode } from './weighted-nodes.js';

/** Options of {@link pruneNM}. */
export interface PruneNMOptions {
  /** Weights of every `m` that stay, at least 1 and below `m`. Default 2. */
  readonly n?: number;
  /** Length of a group of weights. Default 4. */
  readonly m?: number;
  /** Layers to prune, by name of the node or of its weights. Default: all. */
  readonly include?: LayerPatterns;
  /** Layers to leave as they are. Default: none. */
  readonly exclude?: LayerPatterns;
}

/** What {@link pruneNM} made. */
export interface NMSparseModel extends SparseModel {
  /** Layers whose input channels are no multiple of `m` (the first convolution, depthwise ones): they stay dense. */
  readonly dense: readonly string[];
}

const schema = z
  .strictObject({
    n: z.int().min(1).default(2),
    m: z.int().min(2).default(4),
    include: layerPatternsSchema.optional(),
    exclude: layerPatternsSchema.default([]),
  })
  .refine(({ n, m }) => n < m, { path: ['n'], message: 'n below m' });

/**
 * N:M sparsity: of every `m` neighbouring weights along the input channels the `n` largest magnitudes stay, as NVIDIA's
 * ASP does (Mishra et al. 2021, arXiv:2104.08378: 2:4). Sparse tensor cores, through TensorRT, multiply 2:4 twice as fast;
 * other runtimes gain nothing but compression. Of equal magnitudes the first stay. The given model is not changed.
 *
 * @throws PerceptError `OPTIMIZE_NOTHING_TO_PRUNE` when no layer is meant; `OPTIMIZE_NOT_FINITE` for NaN or infinite
 *   weights; `INVALID_ARGUMENT`
 */
export function pruneNM(model: Model, options: PruneNMOptions = {}): NMSparseModel {
  const { n, m, include, exclude } = parseOptions(schema, options, 'pruneNM() options');
  const source = withInitializers(model);
  const masks = new Map<string, Uint8Array>();
  const dense: string[] = [];
  for (const layer of chosenLayers(source, include, exclude)) {
    if (layer.value.dims[layer.inputAxis]! % m === 0) masks.set(layer.weight, patternMask(layer, n, m));
    else dense.push(layer.layer);
  }
  const result = applyMasks(source, masks);
  return { model: result, masks, layers: layerSparsities(result), dense };
}

function patternMask({ value: { dims, data }, inputAxis }: WeightedNode, n: number, m: number): Uint8Array {
  const stride = dims.slice(inputAxis + 1).reduce((product, size) => product * size, 1);
  const size = dims[inputAxis]!;
  const mask = new Uint8Array(data.length);
  for (let first = 0; first < data.length; first++) {
    // The elements at which a group begins.
    if ((Math.floor(first / stride) % size) % m !== 0) continue;
    const group = Array.from({ length: m }, (_, at) => first + at * stride);
    const largest = group.sort((a, b) => Math.abs(data[b]!) - Math.abs(data[a]!) || a - b);
    for (const index of largest.slice(0, n)) mask[index] = 1;
  }
  return mask;
}
