import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { smallCnn } from './builders/small-cnn.js';
import { withState } from './trained-model.js';

describe('withState', () => {
  it('replaces trained values and leaves the state of the optimizer out', () => {
    const model = smallCnn({ classes: 2, size: 4, width: 1 });
    const bias = tensor('float32', [2], [3, 4]);
    const state = new Map([
      ['classifier.bias', bias],
      ['optimizer.firstMoment.classifier.bias', tensor('float32', [2], [5, 6])],
    ]);
    const trained = withState(model, state);
    expect([...trained.graph.initializers.keys()]).toEqual([...model.graph.initializers.keys()]);
    expect(trained.graph.initializers.get('classifier.bias')).toBe(bias);
    expect(model.graph.initializers.get('classifier.bias')).not.toBe(bias);
  });
});
