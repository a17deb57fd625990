// What distillation compares of an inner value, as nodes behind it: one row of numbers for every image.
import { keyedRandom, type Tensor, tensor } from '@percept/core';
import type { AddedNodes } from './added-nodes.js';
import { resizeMatrix, transposed } from './resize-matrix.js';

/** Height and width of a feature map. */
export type MapSize = readonly [height: number, width: number];

/**
 * The map of a value `[N, C, H, W]` resized to `to` bilinearly, by two matrix products: they are in every operator set.
 * The value itself where the sizes are equal.
 */
export function resizedMap(added: AddedNodes, value: string, from: MapSize, to: MapSize): string {
  if (from[0] === to[0] && from[1] === to[1]) return value;
  const rows = added.constant(`${value}.rows.${to[0]}`, resizeMatrix(from[0], to[0]));
  const columns = added.constant(`${value}.columns.${to[1]}`, transposed(resizeMatrix(from[1], to[1])));
  return added.node('MatMul', [added.node('MatMul', [rows, value]), columns]);
}

/**
 * Attention of a feature map `[N, C, H, W]` (Zagoruyko & Komodakis 2017, arXiv:1612.03928): the mean square over the
 * channels, of length 1 over all positions, as the authors' code computes it. `to` resizes the map before that.
 */
export function attentionRow(added: AddedNodes, value: string, from: MapSize, to: MapSize): string {
  const energy = added.reduce('ReduceMean', added.node('Mul', [value, value]), 1);
  const row = added.flatten(resizedMap(added, energy, from, to));
  const length = added.reduce('ReduceL2', row, 1);
  const least = added.constant('leastLength', tensor('float32', [], [1e-12]));
  return added.node('Div', [row, added.node('Max', [length, least])]);
}

/** An embedding of every image: a feature map averaged over its positions, anything else flattened. */
export function embeddingRow(added: AddedNodes, value: string, rank: number): string {
  return added.flatten(rank === 4 ? added.node('GlobalAveragePool', [value]) : value);
}

/**
 * A trained linear map from the student's channels to the teacher's at every position (FitNets, Romero et al. 2015,
 * arXiv:1412.6550): a 1×1 convolution of a feature map, a matrix product of anything else. It begins with random weights
 * of the variance 1 / channels, keyed by the seed.
 *
 * @returns the value, and the names of its parameters
 */
export function regressed(
  added: AddedNodes,
  value: string,
  { rank, from, to, name, seed }: { rank: number; from: number; to: number; name: string; seed: number },
): { value: string; parameters: string[] } {
  const random = keyedRandom(seed, 'distillation regressor', name);
  const weights = Float32Array.from({ length: from * to }, () => random.normal() / Math.sqrt(from));
  const map = rank === 4;
  const dims = map ? [to, from, 1, 1] : [from, to];
  const weight = added.constant(`${name}.weight`, tensor('float32', dims, weights));
  const bias = added.constant(`${name}.bias`, zeros([to]));
  const mapped = map
    ? added.node('Conv', [value, weight, bias])
    : added.node('Add', [added.node('MatMul', [value, weight]), bias]);
  return { value: mapped, parameters: [weight, bias] };
}

function zeros(dims: number[]): Tensor<'float32'> {
  return tensor('float32', dims);
}
