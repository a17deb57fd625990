import { expect, it } from 'vitest';
import { tf } from './tf.fixture.js';
import { weightNames } from './weight-names.js';

it('names weights as model.json does, and tells nested ones of the same name apart', () => {
  const part = () => tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2], name: 'same' })] });
  const model = tf.sequential({ layers: [part(), part(), tf.layers.batchNormalization({ name: 'norm' })] });
  expect([...weightNames(model).values()]).toEqual([
    'same/kernel',
    'same/bias',
    'same/kernel_1',
    'same/bias_1',
    'norm/gamma',
    'norm/beta',
    'norm/moving_mean',
    'norm/moving_variance',
  ]);
  // The names in the process are others: they count up with every model.
  expect(new Set(model.weights.map(({ name }) => name)).size).toBe(8);
});
