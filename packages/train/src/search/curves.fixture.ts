import { branch, float, int, type Parameters } from './space.js';
import { successiveHalvingPruner } from './successive-halving.js';
import type { RunningTrial } from './trial.js';

const curveSpace = {
  rate: float(1e-4, 1, { log: true }),
  optimizer: branch({ sgd: { momentum: float(0, 0.99) }, adam: { warmup: int(0, 5) } }),
};

/** A search with conditional parameters whose trials end early. */
export const curveOptions = {
  space: curveSpace,
  trials: 40,
  seed: 11,
  pruner: successiveHalvingPruner({ reductionFactor: 2 }),
};

/** A learning curve of eight epochs, cut off where the pruner says so. */
export function reportedCurve(trial: RunningTrial<Parameters<typeof curveSpace>>): number {
  const { rate, optimizer } = trial.params;
  const floor =
    (Math.log10(rate) + 2) ** 2 + (optimizer.type === 'sgd' ? 1 - optimizer.momentum : optimizer.warmup / 9);
  let value = Number.NaN;
  for (let epoch = 1; epoch <= 8; epoch++) {
    value = floor + Math.exp(-epoch) + 0.01 * trial.random.normal();
    trial.report(epoch, value);
    if (trial.shouldPrune()) break;
  }
  return value;
}
