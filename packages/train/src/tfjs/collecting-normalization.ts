// Batch normalizations whose running statistics are computed anew: the layers move them by themselves when they are called
// as in training, by a share that they keep as their momentum.
import { withFrozen } from './frozen-normalization.js';
import type { TfLayer } from './tensor-flow-module.js';

/** What decides how far the statistics move. */
interface Moving {
  momentum: number;
}

/** Computes in training mode, but for `others`, which do as in use, while `normalizations` move their statistics by `share` (0..1). */
export function withShare<Result>(
  normalizations: readonly TfLayer[],
  others: readonly TfLayer[],
  share: number,
  compute: () => Result,
): Result {
  const moving = normalizations as unknown as Moving[];
  const before = moving.map(({ momentum }) => momentum);
  for (const layer of moving) layer.momentum = 1 - share;
  try {
    return withFrozen(others, compute);
  } finally {
    for (const [index, layer] of moving.entries()) layer.momentum = before[index]!;
  }
}
