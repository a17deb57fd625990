import { PerceptError, parseOptions } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { notFinite } from './importance.js';
import { type LayerPatterns, layerPatternsSchema, meansLayer } from './name-patterns.js';
import { shareOf } from './share-of.js';
import { layerSparsities, type SparseModel } from './sparse-model.js';
import { applyMasks, withInitializers } from './weight-masks.js';
import { type WeightedNode, weightedNodes } from './weighted-nodes.js';

/** Options of {@link pruneMagnitude}. */
export interface PruneMagnitudeOptions {
  /** Share of the weights that become zero, 0 ≤ x < 1. */
  readonly sparsity: number;
  /**
   * Whether the smallest weights of all layers together go (`global`, default: layers with many small weights lose more)
   * or the same share of every layer (`local`).
   */
  readonly scope?: 'global' | 'local';
  /** Layers to prune, by name of the node or of its weights. Default: all Conv, ConvTranspose, Gemm and MatMul. */
  readonly include?: LayerPatterns;
  /** Layers to leave as they are. Default: none. */
  readonly exclude?: LayerPatterns;
}

const schema = z.strictObject({
  sparsity: z.number().min(0).lt(1),
  scope: z.enum(['global', 'local']).default('global'),
  include: layerPatternsSchema.optional(),
  exclude: layerPatternsSchema.default([]),
});

/**
 * Unstructured magnitude pruning: the weights nearest to zero become zero, biases and normalizations stay. As
 * `torch.nn.utils.prune.global_unstructured` and `l1_unstructured`; of equal magnitudes the first go. Zeros that are there
 * already are the first of all, so a model can be pruned further and further.
 *
 * The file compresses better; it does not run faster on common runtimes. For that see {@link pruneChannels}. The given
 * model is not changed.
 *
 * @throws PerceptError `OPTIMIZE_NOTHING_TO_PRUNE` when no layer is meant; `OPTIMIZE_NOT_FINITE` for NaN or infinite
 *   weights; `INVALID_ARGUMENT`
 */
export function pruneMagnitude(model: Model, options: PruneMagnitudeOptions): SparseModel {
  const { sparsity, scope, include, exclude } = parseOptions(schema, options, 'pruneMagnitude() options');
  const source = withInitializers(model);
  const chosen = chosenLayers(source, include, exclude);
  const masks = new Map<string, Uint8Array>();
  const together = scope === 'global' ? [chosen] : chosen.map((layer) => [layer]);
  for (const layers of together) maskSmallest(layers, sparsity, masks);
  const result = applyMasks(source, masks);
  return { model: result, masks, layers: layerSparsities(result) };
}

/**
 * The weighted layers that the patterns mean.
 *
 * @throws PerceptError `OPTIMIZE_NOTHING_TO_PRUNE`, `OPTIMIZE_NOT_FINITE`
 */
export function chosenLayers(model: Model, include: LayerPatterns | undefined, exclude: LayerPatterns): WeightedNode[] {
  const all = weightedNodes(model.graph);
  const chosen = all.filter(
    ({ layer, weight }) =>
      (include === undefined || meansLayer(include, layer, weight)) && !meansLayer(exclude, layer, weight),
  );
  if (chosen.length === 0) {
    throw new PerceptError(
      'OPTIMIZE_NOTHING_TO_PRUNE',
      `Expected layers with constant float32 weights for include and exclude but received none among ${all.map(({ layer }) => layer).join(', ') || 'no weighted layers'}. Check the patterns`,
      { details: { layers: all.map(({ layer }) => layer) } },
    );
  }
  const broken = chosen.find(({ value }) => !value.data.every(Number.isFinite));
  if (broken !== undefined) throw notFinite(broken.weight);
  return chosen;
}

/** Masks the smallest weights of some layers together. */
function maskSmallest(layers: readonly WeightedNode[], sparsity: number, masks: Map<string, Uint8Array>): void {
  const count = layers.reduce((sum, { value }) => sum + value.data.length, 0);
  const magnitudes = new Float32Array(count);
  let start = 0;
  for (const { value } of layers) {
    for (let at = 0; at < value.data.length; at++) magnitudes[start + at] = Math.abs(value.data[at]!);
    start += value.data.length;
  }
  const goes = shareOf(count, sparsity);
  const sorted = magnitudes.slice().sort();
  const threshold = goes === 0 ? -1 : sorted[goes - 1]!;
  // Of the weights that are just at the threshold the first go.
  let equal = goes;
  for (let at = 0; at < goes && sorted[at]! < threshold; at++) equal--;
  start = 0;
  for (const { weight, value } of layers) {
    const mask = new Uint8Array(value.data.length);
    for (let at = 0; at < mask.length; at++) {
      const magnitude = magnitudes[start + at]!;
      mask[at] = magnitude > threshold || (magnitude === threshold && equal-- <= 0) ? 1 : 0;
    }
    masks.set(weight, mask);
    start += mask.length;
  }
}
