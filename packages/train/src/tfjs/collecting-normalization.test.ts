import { expect, it } from 'vitest';
import { withShare } from './collecting-normalization.js';
import { tf } from './tf.fixture.js';

it('moves statistics by a share with nothing dropped, and leaves the layers as they were', () => {
  const norm = tf.layers.batchNormalization({ momentum: 0.9, name: 'norm' });
  const dropout = tf.layers.dropout({ rate: 0.5, inputShape: [2], name: 'dropout' });
  const model = tf.sequential({ layers: [dropout, norm] });
  const collect = (values: number[][], share: number): number[] => {
    withShare([norm as never], [dropout as never], share, () => model.apply(tf.tensor(values), { training: true }));
    return norm
      .getWeights()
      .slice(2)
      .flatMap((each) => Array.from(each.dataSync()));
  };
  expect(
    collect(
      [
        [1, 2],
        [3, 6],
      ],
      1,
    ),
  ).toEqual([2, 4, 1, 4]);
  expect(
    collect(
      [
        [5, 0],
        [9, 4],
      ],
      0.25,
    ),
  ).toEqual([3.25, 3.5, 1.75, 4]);
  expect(norm.getConfig().momentum).toBe(0.9);
  expect(Object.hasOwn(dropout, 'call')).toBe(false);
});
