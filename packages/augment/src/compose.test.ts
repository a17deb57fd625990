import { keyedRandom } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import goldens from '../../../test/goldens/augment/compose.json' with { type: 'json' };
import { everything } from '../../../test/goldens/augment/everything.js';
import { noise } from '../../../test/goldens/image/goldens.js';
import { brightness } from './color.js';
import { compose } from './compose.js';
import { horizontalFlip } from './flip.js';
import { rotate } from './rotate.js';

describe('compose', () => {
  it('gives the recorded pixels', async () => {
    expect(await Promise.all(goldens.cases.map(everything))).toEqual(goldens.cases.map(({ digest }) => digest));
  });

  it('keys every transform by (seed, epoch, key, index, name)', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.string(), (seed, epoch, key) => {
        const image = noise(7, 6, 3);
        const [turn, light] = [rotate({ degrees: 20 }), brightness({ by: [0.5, 1.5] })];
        const turned = turn.apply(image, keyedRandom(seed, epoch, key, 0, 'rotate'));
        const expected = light.apply(turned, keyedRandom(seed, epoch, key, 1, 'brightness'));
        expect(compose([turn, light])(image, { seed, epoch, key })).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('draws anew for another seed, epoch or key, and the same in any order', () => {
    const image = noise(12, 12, 1);
    const augment = compose([rotate({ degrees: 180 })]);
    const contexts = [
      { seed: 1, epoch: 0, key: 'a' },
      { seed: 2, epoch: 0, key: 'a' },
      { seed: 1, epoch: 1, key: 'a' },
      { seed: 1, epoch: 0, key: 'b' },
    ];
    const forth = contexts.map((context) => augment(image, context).data.join());
    const back = contexts.toReversed().map((context) => augment(image, context).data.join());
    expect(new Set(forth).size).toBe(4);
    expect(back.reverse()).toEqual(forth);
  });

  it('does nothing without transforms, and takes any object of the right shape', () => {
    const image = noise(3, 3, 1);
    const context = { seed: 1, epoch: 0, key: 'a' };
    expect(compose([])(image, context)).toBe(image);
    const own = { name: 'own', apply: () => noise(3, 3, 1, 9) };
    expect(compose([horizontalFlip(), own])(image, context)).toEqual(noise(3, 3, 1, 9));
  });

  it('refuses what is not a transform', () => {
    expect(() => compose([horizontalFlip as never])).toThrowError(/transform such as horizontalFlip\(\) at index 0/);
    expect(() => compose([horizontalFlip(), undefined as never])).toThrowError(/at index 1 .* undefined/);
  });
});
