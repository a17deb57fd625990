import { expect, it } from 'vitest';
import { frozenNormalizations, withFrozen } from './frozen-normalization.js';
import { leafLayers } from './leaf-layers.js';
import { tf } from './tf.fixture.js';

it('finds batch normalizations that are not trained, in frozen models too, and calls them as in use', () => {
  const norm = (name: string, trainable = true) => tf.layers.batchNormalization({ name, trainable, inputShape: [2] });
  const inner = tf.sequential({ layers: [norm('inner')] });
  inner.trainable = false;
  const model = tf.sequential({ layers: [norm('frozen', false), norm('trained'), inner] });
  const frozen = frozenNormalizations(model, leafLayers(model));
  expect(frozen.map(({ name }) => name)).toEqual(['frozen', 'inner']);
  const options: unknown[] = [];
  const layer = { name: 'fake', call: (_: unknown, given: unknown) => void options.push(given) };
  const proto = Object.create(layer) as typeof layer;
  withFrozen([proto as never], () => proto.call([], { training: true }));
  expect(options).toEqual([{ training: false }]);
  expect(Object.hasOwn(proto, 'call')).toBe(false);
});
