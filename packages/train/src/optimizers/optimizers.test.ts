import { isPerceptError } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { crossEntropy } from '../losses.js';
import { constantLR, stepLR } from '../schedules.js';
import { adam } from './adam.js';
import { chain } from './chain.js';
import { sgd } from './sgd.js';
import { addDecayedWeights, scaleByAdam, scaleByLearningRate } from './transformations.js';

describe('optimizers', () => {
  it('are compositions with explicit state', () => {
    const composed = chain(
      addDecayedWeights(0.1),
      scaleByAdam({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
      scaleByLearningRate(),
    );
    expect(adam({ weightDecay: 0.1 })).toMatchObject({
      description: composed.description,
      state: ['firstMoment', 'secondMoment'],
      learningRate: 0.001,
    });
    expect(sgd({ learningRate: 1 }).state).toEqual([]);
    expect(sgd({ learningRate: 1, momentum: 0.9 }).state).toEqual(['momentum']);
  });

  it('correct the bias of Adam with more precision than float32 has', () => {
    const { firstCorrection, secondCorrection } = adam().scalars;
    expect(firstCorrection!(1)).toBeCloseTo(10, 12);
    expect(secondCorrection!(1)).toBeCloseTo(1 / Math.sqrt(0.001), 9);
    expect(firstCorrection!(7)).toBeCloseTo(1 / (1 - 0.9 ** 7), 12);
    expect(secondCorrection!(100_000)).toBeCloseTo(1, 12);
  });

  it.each([
    () => sgd({ learningRate: 0 }),
    () => sgd({ learningRate: 1, momentum: 1 }),
    () => adam({ beta2: 1.5 }),
    () => stepLR({ stepSize: 0 }),
    () => crossEntropy({ labelSmoothing: 1 }),
  ])('refuse options out of range: %s', (build) => {
    expect(build).toThrow(expect.toSatisfy((error: unknown) => isPerceptError(error, 'INVALID_ARGUMENT')));
  });
});

describe('schedules', () => {
  const factors = (schedule: ReturnType<typeof constantLR>) =>
    [0, 1, 2, 3, 4].map((epoch) => schedule.factor({ epoch, step: 5, stepsPerEpoch: 10 }));

  it('are functions of the position', () => {
    expect(factors(constantLR())).toEqual([1, 1, 1, 1, 1]);
    expect(factors(stepLR({ stepSize: 2, gamma: 0.5 }))).toEqual([1, 1, 0.5, 0.5, 0.25]);
    expect(factors(stepLR({ stepSize: 1 }))[1]).toBe(0.1);
  });
});
