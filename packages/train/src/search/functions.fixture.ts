// The functions that test/goldens/train/search.py minimizes with Optuna.

import { branch, float, int, type Parameters } from './space.js';
import type { Objective } from './trial.js';

/** Branin's function: three minima of 0.3979. */
export const braninSpace = { x: float(-5, 10), y: float(0, 15) };

export const branin: Objective<Parameters<typeof braninSpace>> = ({ params: { x, y } }) => {
  const bowl = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
  return bowl * bowl + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
};

/** Hartmann's function of six variables: a minimum of -3.3224 among several. */
export const hartmannSpace = {
  x0: float(0, 1),
  x1: float(0, 1),
  x2: float(0, 1),
  x3: float(0, 1),
  x4: float(0, 1),
  x5: float(0, 1),
};

const weights = [1, 1.2, 3, 3.2];
const scales = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const centres = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

export const hartmann: Objective<Parameters<typeof hartmannSpace>> = ({ params }) => {
  const x = Object.values(params);
  const term = (at: number): number =>
    weights[at]! * Math.exp(-x.reduce((sum, v, i) => sum + scales[at]![i]! * (v - centres[at]![i]!) ** 2, 0));
  return -weights.reduce((sum, _, at) => sum + term(at), 0);
};

/** Real, stepped, whole and logarithmic parameters, most of them in branches: a minimum of about 0. */
export const conditionalSpace = {
  dropout: float(0, 1),
  net: branch({
    deep: { rate: float(1e-5, 1, { log: true }), layers: int(1, 8) },
    wide: { momentum: float(0, 1, { step: 0.05 }), width: int(8, 512, { log: true }) },
    plain: { slope: float(-2, 2) },
  }),
};

export const conditional: Objective<Parameters<typeof conditionalSpace>> = ({ params: { dropout, net } }) => {
  const loss = 2 * (dropout - 0.3) ** 2;
  if (net.type === 'deep') return loss + (Math.log10(net.rate) + 3) ** 2 / 4 + (net.layers - 5) ** 2 / 10 + 0.1;
  if (net.type === 'wide') return loss + 4 * (net.momentum - 0.85) ** 2 + (Math.log2(net.width) - 6) ** 2 / 5;
  return loss + 1.5 + net.slope ** 2;
};
