// The stages that optimizers are composed of. Formulas and defaults are PyTorch's.
import type { Transformation } from './transformation.js';

/** u + weightDecay p: the gradient of an L2 penalty, coupled with everything that follows. */
export function addDecayedWeights(weightDecay: number): Transformation {
  return {
    description: `addDecayedWeights(${weightDecay})`,
    state: [],
    scalars: {},
    emit({ g, update, parameter }) {
      if (weightDecay === 0) return { update, state: {} };
      return { update: g.node('Add', [update, g.node('Mul', [parameter, g.scalar(weightDecay)])]), state: {} };
    },
  };
}

/** b' = momentum b + u; gives b', or with Nesterov's form u + momentum b' (Sutskever et al. 2013). */
export function trace({ momentum, nesterov }: { momentum: number; nesterov: boolean }): Transformation {
  return {
    description: `trace(momentum=${momentum}, nesterov=${nesterov})`,
    state: ['momentum'],
    scalars: {},
    emit({ g, update, state }) {
      const factor = g.scalar(momentum);
      const buffer = g.node('Add', [g.node('Mul', [state.momentum!, factor]), update]);
      const next = nesterov ? g.node('Add', [update, g.node('Mul', [buffer, factor])]) : buffer;
      return { update: next, state: { momentum: buffer } };
    },
  };
}

/** The bias-corrected mean of u over the root of the bias-corrected mean of u² (Kingma and Ba, arXiv:1412.6980). */
export function scaleByAdam(options: { beta1: number; beta2: number; epsilon: number }): Transformation {
  const { beta1, beta2, epsilon } = options;
  return {
    description: `scaleByAdam(beta1=${beta1}, beta2=${beta2}, epsilon=${epsilon})`,
    state: ['firstMoment', 'secondMoment'],
    scalars: {
      // 1 - beta^t needs more than float32 while t is small, so the corrections come from outside.
      firstCorrection: (step) => 1 / (1 - integerPower(beta1, step)),
      secondCorrection: (step) => 1 / Math.sqrt(1 - integerPower(beta2, step)),
    },
    emit({ g, update, state, scalars }) {
      const mean = (old: string, value: string, beta: number): string =>
        g.node('Add', [g.node('Mul', [old, g.scalar(beta)]), g.node('Mul', [value, g.scalar(1 - beta)])]);
      const firstMoment = mean(state.firstMoment!, update, beta1);
      const secondMoment = mean(state.secondMoment!, g.node('Mul', [update, update]), beta2);
      const root = g.node('Mul', [g.node('Sqrt', [secondMoment]), scalars.secondCorrection!]);
      const ratio = g.node('Div', [firstMoment, g.node('Add', [root, g.scalar(epsilon)])]);
      return { update: g.node('Mul', [ratio, scalars.firstCorrection!]), state: { firstMoment, secondMoment } };
    },
  };
}

/** learningRate u. */
export function scaleByLearningRate(): Transformation {
  return {
    description: 'scaleByLearningRate',
    state: [],
    scalars: {},
    emit: ({ g, update, scalars }) => ({ update: g.node('Mul', [update, scalars.learningRate!]), state: {} }),
  };
}

/** base^exponent by multiplications alone, so that every engine gives the same bits (`**` may not). */
function integerPower(base: number, exponent: number): number {
  let [result, square] = [1, base];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
