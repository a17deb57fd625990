// TensorFlow.js draws what Dropout drops from Math.random, or with a seed the same in every step. Here each step has its own
// seed, a function of its position, so that a resumed training drops the same.
import { keyedRandom } from '@percept/core';
import type { TfLayer } from './tensor-flow-module.js';

/** Layers that read their seed at every call. */
const seeded = ['Dropout', 'SpatialDropout1D'];

/** Computes with the seeds of one step. */
export function withDropoutSeeds<Result>(
  layers: readonly TfLayer[],
  key: readonly [seed: number, epoch: number, step: number],
  compute: () => Result,
): Result {
  const dropping = layers.filter((layer) => seeded.includes(layer.getClassName())) as unknown as {
    name: string;
    seed?: number;
  }[];
  const given = dropping.map(({ seed }) => seed);
  for (const [index, layer] of dropping.entries()) {
    // Not 0, which counts as none.
    layer.seed = keyedRandom(...key, 'dropout', index).integer(1, 2 ** 32);
  }
  try {
    return compute();
  } finally {
    for (const [index, layer] of dropping.entries()) {
      if (given[index] === undefined) delete layer.seed;
      else layer.seed = given[index];
    }
  }
}
