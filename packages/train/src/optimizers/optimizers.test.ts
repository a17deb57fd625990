import { isPerceptError } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { adagrad } from './adagrad.js';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { chain } from './chain.js';
import { adaptiveClip, clipByGlobalNorm, clipByValue } from './clipping.js';
import { lamb } from './lamb.js';
import { lion } from './lion.js';
import { learningRateFactorOf } from './parameter-groups.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';
import { addDecayedWeights, scaleByAdam, scaleByLearningRate } from './transformations.js';
import { emaWeights, swaWeights } from './weight-average.js';

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

  it('stay optimizers behind clipping and below an average of weights', () => {
    const optimizer = chain(clipByGlobalNorm(1), emaWeights(adamw({ learningRate: 0.3 }), { decay: 0.9 }));
    expect(optimizer).toMatchObject({ learningRate: 0.3, average: 'averageWeights' });
    expect(optimizer.initial).toEqual({ averageWeights: 'parameter' });
    expect(optimizer.description).toMatch(/^clipByGlobalNorm\(1\) \| .* \| emaWeights\(decay=0.9, warmUp=false\)$/);
    expect(() => emaWeights(optimizer)).toThrow(expect.toSatisfy((error) => isPerceptError(error, 'INVALID_ARGUMENT')));
  });

  it('move an average slowly at first only if they warm up', () => {
    const share = (warmUp: boolean) => emaWeights(adam(), { decay: 0.9, warmUp }).scalars.averageShare!;
    expect(share(true)(1)).toBeCloseTo(9 / 11, 12);
    expect(share(true)(1000)).toBeCloseTo(0.1, 12);
    expect(share(false)(1)).toBeCloseTo(0.1, 12);
  });

  it('tell groups apart in their description, which checkpoints compare', () => {
    const groups = [{ pattern: /^head/, learningRateFactor: 10, weightDecay: 0 }];
    const described = [{}, { groups }, { decayed: 'matrices' as const }].map((options) => adamw(options).description);
    expect(new Set(described).size).toBe(3);
  });

  it('are the same for a pattern that remembers where it stopped', () => {
    const { of } = learningRateFactorOf({ groups: [{ pattern: /a/g, learningRateFactor: 2 }] });
    expect([of('a', []), of('a', []), of('b', [])]).toEqual([2, 2, 1]);
  });

  it.each([
    () => sgd({ learningRate: 0 }),
    () => sgd({ learningRate: 1, momentum: 1 }),
    () => adam({ beta2: 1.5 }),
    () => sgd({ learningRate: 1, momentum: 0.9, nesterov: true, dampening: 0.1 }),
    () => adamw({ groups: [{ pattern: /a/, learningRateFactor: -1 }] }),
    () => rmsprop({ alpha: 1 }),
    () => adagrad({ initialAccumulator: -1 }),
    () => lion({ beta1: 1 }),
    () => lamb({ maxGradNorm: 0 }),
    () => clipByGlobalNorm(0),
    () => clipByValue(-1),
    () => adaptiveClip({ clipFactor: 0 }),
    () => emaWeights(adam(), { decay: 1 }),
    () => swaWeights(adam(), { start: 0 }),
    () => chain(adam(), adam()),
  ])('refuse options out of range: %s', (build) => {
    expect(build).toThrow(expect.toSatisfy((error: unknown) => isPerceptError(error, 'INVALID_ARGUMENT')));
  });
});
