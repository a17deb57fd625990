import { describe, expect, it } from 'vitest';
import { finalEpochs, makePlan } from './plan.js';

describe('makePlan', () => {
  const counts = { images: 48_000, judged: 2500 };

  it('gives every model about the same time for a trial', () => {
    const costs = { quick: 1e-4, slow: 1e-3 };
    const { rounds, imagesPerRound, judged } = makePlan(costs, { budget: 600, ...counts });
    expect(rounds).toBe(9);
    expect(judged).toBeGreaterThan(500);
    const seconds = Object.entries(costs).map(([name, cost]) => rounds * cost * (imagesPerRound[name]! + judged / 3));
    // A sixth of 0.55 · 600 s, less what is rounded off.
    for (const one of seconds) {
      expect(one).toBeLessThanOrEqual(55);
      expect(one).toBeGreaterThan(55 / 3);
    }
  });

  it('leaves out models that would see too little, but never all', () => {
    expect(Object.keys(makePlan({ quick: 1e-4, slow: 1e-1 }, { budget: 60, ...counts }).imagesPerRound)).toEqual([
      'quick',
    ]);
    expect(Object.keys(makePlan({ slow: 1e-1, slower: 1 }, { budget: 10, ...counts }).imagesPerRound)).toEqual([
      'slow',
    ]);
  });

  it('judges less often where rounds would be too short, and stops at thirty passes', () => {
    expect(makePlan({ slow: 1e-2 }, { budget: 60, ...counts })).toMatchObject({ rounds: 1, judged: 384 });
    expect(makePlan({ slow: 1e-2 }, { budget: 300, images: 48_000, judged: 50 })).toMatchObject({
      rounds: 3,
      judged: 50,
    });
    const { rounds, imagesPerRound } = makePlan({ quick: 1e-6 }, { budget: 600, images: 100, judged: 20 });
    expect(rounds * imagesPerRound.quick!).toBeLessThanOrEqual(3000);
  });

  it('is the same where costs are measured a little differently', () => {
    const plans = [1, 1.03, 1.06].map((factor) => makePlan({ a: 1e-4 * factor }, { budget: 600, ...counts }));
    expect(new Set(plans.map(({ imagesPerRound }) => imagesPerRound.a)).size).toBe(1);
  });
});

describe('finalEpochs', () => {
  const plan = { rounds: 9, judged: 300, imagesPerRound: { a: 1000 }, secondsPerImage: { a: 1e-3 } };

  it('fill the rest of the budget, at most sixty', () => {
    expect(finalEpochs(plan, 'a', { budget: 100, images: 3000, judged: 300 })).toBe(11);
    expect(finalEpochs(plan, 'a', { budget: 1e6, images: 3000, judged: 300 })).toBe(60);
  });

  it('are none where a trial saw as much', () => {
    expect(finalEpochs(plan, 'a', { budget: 20, images: 3000, judged: 300 })).toBe(0);
    expect(finalEpochs(plan, 'a', { budget: 1, images: 3000, judged: 300 })).toBe(0);
  });
});
