import { describe, expect, it } from 'vitest';
import { engineOptions, toyModel } from './engine.fixture.js';
import { fromLayersModel } from './from-layers-model.js';
import { tf } from './tf.fixture.js';

const L = tf.layers;

describe('fromLayersModel', () => {
  it.each([
    ['no model', () => ({}) as never, 'INVALID_ARGUMENT', /Expected a LayersModel/],
    ['a model not built', () => tf.sequential(), 'TRAIN_MODEL_INVALID', /received 0, 0 and 0/],
    [
      'two outputs',
      () => {
        const inputs = tf.input({ shape: [2] });
        const out = () => L.dense({ units: 2 }).apply(inputs) as never;
        return tf.model({ inputs, outputs: [out(), out()] });
      },
      'TRAIN_MODEL_INVALID',
      /received 1, 2 and 4/,
    ],
    [
      'nothing to train',
      () => tf.sequential({ layers: [L.dense({ units: 2, inputShape: [2], trainable: false })] }),
      'TRAIN_MODEL_INVALID',
      /received 1, 1 and 0/,
    ],
    [
      'a normalization that cannot be trained',
      () =>
        tf.sequential({
          layers: [L.dense({ units: 2, inputShape: [2] }), L.batchNormalization({ scale: false, name: 'bare' })],
        }),
      'TRAIN_UNSUPPORTED',
      /bare has no scale/,
    ],
    [
      'a last layer that is used twice',
      () => {
        const inputs = tf.input({ shape: [2] });
        const softmax = L.dense({ units: 2, activation: 'softmax', name: 'twice' });
        return tf.model({ inputs, outputs: softmax.apply(softmax.apply(inputs)) as never });
      },
      'TRAIN_MODEL_INVALID',
      /twice.* is used 2 times/,
    ],
  ])('refuses %s', (_, build, code, message) => {
    expect(() => fromLayersModel(tf, build() as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it('refuses before the first step what could not be exported after the last', async () => {
    const model = tf.sequential({
      layers: [
        L.embedding({ inputDim: 4, outputDim: 2, inputShape: [3], name: 'words' }),
        L.flatten(),
        L.dense({ units: 2 }),
      ],
    });
    await expect(fromLayersModel(tf, model).createEngine(engineOptions)).rejects.toMatchObject({
      code: 'TRAIN_UNSUPPORTED',
      message: expect.stringMatching(/Embedding.*words/),
    });
  });

  it('refuses unknown options', () => {
    expect(() => fromLayersModel(tf, toyModel(), { scores: 'probabilities' as never })).toThrow(
      /scores of fromLayersModel\(\) options/,
    );
  });
});
