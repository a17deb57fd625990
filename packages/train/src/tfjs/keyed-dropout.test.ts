import { describe, expect, it } from 'vitest';
import { withDropoutSeeds } from './keyed-dropout.js';
import { tf } from './tf.fixture.js';

const layers = [
  tf.layers.dropout({ rate: 0.5 }),
  tf.layers.dropout({ rate: 0.5, seed: 4 }),
  tf.layers.spatialDropout1d({ rate: 0.5 }),
  tf.layers.gaussianNoise({ stddev: 1 }),
];
const seeds = () => layers.map((layer) => (layer as { seed?: number }).seed);

describe('seeds of dropout', () => {
  it('are a function of the key, another for every layer', () => {
    const drawn = (step: number) => withDropoutSeeds(layers, [1, 2, step], seeds);
    const [first, second] = [drawn(0), drawn(1)];
    expect(drawn(0)).toEqual(first);
    expect(new Set([...first.slice(0, 3), ...second.slice(0, 3)]).size).toBe(6);
    expect([first[3], second[3]]).toEqual([undefined, undefined]);
    for (const seed of first.slice(0, 3)) expect(seed).toBeGreaterThan(0);
  });

  it('are those of the layers again afterwards, also after a failure', () => {
    const fail = () => {
      throw new Error('stopped');
    };
    expect(() => withDropoutSeeds(layers, [1, 2, 3], fail)).toThrow('stopped');
    expect(seeds()).toEqual([undefined, 4, undefined, undefined]);
  });
});
