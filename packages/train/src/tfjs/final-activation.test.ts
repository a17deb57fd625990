import { describe, expect, it } from 'vitest';
import { finalActivation, withoutActivation } from './final-activation.js';
import { tf } from './tf.fixture.js';

const L = tf.layers;
const dense = (activation?: 'softmax' | 'sigmoid' | 'relu') =>
  L.dense({ units: 3, inputShape: [2], ...(activation === undefined ? {} : { activation }) });

describe('the last activation', () => {
  it('is found at the end of models, in nested ones too', () => {
    const inner = tf.sequential({ layers: [dense('sigmoid')] });
    const cases = [
      [tf.sequential({ layers: [dense('softmax')] }), 'Dense'],
      [tf.sequential({ layers: [dense(), L.activation({ activation: 'logSoftmax' as 'softmax' })] }), 'Activation'],
      [tf.sequential({ layers: [dense(), L.softmax({ axis: -1 })] }), 'Softmax'],
      [tf.sequential({ layers: [inner] }), 'Dense'],
      [tf.sequential({ layers: [dense('relu')] }), undefined],
      [tf.sequential({ layers: [dense('softmax'), L.dense({ units: 2 })] }), undefined],
    ] as const;
    for (const [model, found] of cases) expect(finalActivation(model)?.getClassName()).toBe(found);
  });

  it('is passed by, and there again afterwards, also after a failure', () => {
    for (const layers of [[dense('sigmoid')], [dense(), L.softmax({ axis: -1 })]]) {
      const model = tf.sequential({ layers });
      const images = tf.ones([1, 2]);
      const predict = () => Array.from((model.predict(images) as ReturnType<typeof tf.ones>).dataSync());
      const before = predict();
      const last = finalActivation(model);
      const logits = withoutActivation(last, predict);
      const sum = logits.reduce((total, value) => total + Math.exp(value), 0);
      for (const [at, value] of logits.entries()) {
        const expected = layers.length === 1 ? 1 / (1 + Math.exp(-value)) : Math.exp(value) / sum;
        expect(before[at]).toBeCloseTo(expected, 6);
      }
      const fail = () => {
        throw new Error('stopped');
      };
      expect(() => withoutActivation(last, fail)).toThrow('stopped');
      expect(predict()).toEqual(before);
    }
  });
});
