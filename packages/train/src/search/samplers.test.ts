import { keyedRandom } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countValues, valueAt } from './dimension-values.js';
import { type FlatSpace, type FlatValues, flattenSpace } from './flat-space.js';
import { gridSampler } from './grid-sampler.js';
import { normalMass } from './normal-mass.js';
import { randomSampler } from './random-sampler.js';
import type { Sampler } from './sampler.js';
import { sobolPoint } from './sobol.js';
import { sobolSampler } from './sobol-sampler.js';
import { branch, choice, float, int, type SearchSpace } from './space.js';
import { tpeSampler } from './tpe-sampler.js';
import type { JudgedTrial } from './trial.js';

const mixed = {
  rate: float(1e-5, 1, { log: true }),
  fixed: float(2, 2),
  share: float(0, 0.9, { step: 0.3 }),
  width: int(8, 100, { step: 8 }),
  depth: int(1, 64, { log: true }),
  flip: choice([true, false]),
  net: branch({
    a: { inner: branch({ x: { p: float(0, 1) }, y: {} }), k: int(1, 3) },
    b: { q: float(-1, 1) },
  }),
};

function suggest(sampler: Sampler, space: FlatSpace, trial: number, history: JudgedTrial[] = [], seed = 0): FlatValues {
  return sampler.suggest({ space, trial, seed, random: keyedRandom(seed, trial), history, pending: [] });
}

/** Whether the values are those of the parameters that exist, each within its range and on its steps. */
function fits(space: SearchSpace, values: FlatValues): boolean {
  const flat = flattenSpace(space);
  const expected = flat.filter(({ condition }) => !condition || values[condition.parameter] === condition.value);
  if (expected.map(({ name }) => name).join() !== Object.keys(values).join()) return false;
  return expected.every(({ name, dimension }) => {
    const value = values[name]!;
    if (dimension.kind === 'choice') return dimension.options.includes(value);
    const { low, high, step } = dimension;
    const steps = step === undefined ? 0 : ((value as number) - low) / step;
    return (value as number) >= low && (value as number) <= high && Math.abs(steps - Math.round(steps)) < 1e-9;
  });
}

const flat = flattenSpace(mixed);

describe('samplers', () => {
  it.each([
    ['random', randomSampler()],
    ['grid', gridSampler({ points: 3 })],
    ['quasi-random', sobolSampler()],
    ['TPE', tpeSampler({ startupTrials: 5 })],
    ['TPE, one by one', tpeSampler({ startupTrials: 5, multivariate: false, candidates: 3, gamma: () => 2 })],
  ])('%s stays in the space, on the steps, and in the branch taken', (_, sampler) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const history: JudgedTrial[] = [];
        for (let number = 0; number < 12; number++) {
          const values = suggest(sampler, flat, number, history, seed);
          expect(fits(mixed, values), JSON.stringify(values)).toBe(true);
          expect(suggest(sampler, flat, number, history, seed)).toEqual(values);
          const state = (['complete', 'pruned', 'failed'] as const)[number % 3]!;
          const reports = number % 2 ? [{ step: number, value: Number.NaN }] : [];
          history.push({ number, values, state, reports, ...(state === 'complete' && { score: number % 5 }) });
        }
      }),
      { numRuns: 20 },
    );
  });

  it('draw stepped and whole numbers evenly, their ends too', () => {
    const count = (space: SearchSpace): Record<string, number> => {
      const [parameter] = flattenSpace(space);
      const counts: Record<string, number> = {};
      for (let i = 0; i < 3000; i++) {
        const value = String(valueAt(parameter!.dimension, i / 3000));
        counts[value] = (counts[value] ?? 0) + 1;
      }
      return counts;
    };
    expect(count({ x: int(1, 3) })).toEqual({ 1: 1000, 2: 1000, 3: 1000 });
    expect(count({ x: float(0, 0.5, { step: 0.1 }) })).toEqual({
      0: 500,
      0.1: 500,
      0.2: 500,
      0.3: 500,
      0.4: 500,
      0.5: 500,
    });
    expect(count({ x: choice(['a', 'b']) })).toEqual({ a: 1500, b: 1500 });
    const log = count({ x: int(1, 100, { log: true }) });
    expect(log['1']! / (log['10']! + log['11']!)).toBeGreaterThan(4);
  });
});

describe('gridSampler', () => {
  it('visits every combination once, in an order of its seed', () => {
    const space = flattenSpace({
      n: int(1, 3),
      net: branch({
        a: { inner: branch({ x: { p: float(0, 1) }, y: {} }), k: choice([1, 2]) },
        b: { q: float(1, 100, { log: true }) },
      }),
    });
    const sampler = gridSampler({ points: 3 });
    // n × (a: (x: 3 + y: 1) × k: 2 + b: 3)
    expect(sampler.trials!(space)).toBe(3 * (4 * 2 + 3));
    const all = (seed: number): string[] =>
      Array.from({ length: 33 }, (_, trial) => JSON.stringify(suggest(sampler, space, trial, [], seed)));
    expect(new Set(all(0)).size).toBe(33);
    expect(all(1)).not.toEqual(all(0));
    expect(all(1).toSorted()).toEqual(all(0).toSorted());
    const ordered = gridSampler({ points: 3, shuffle: false });
    expect(suggest(ordered, space, 0)).toEqual({
      n: 1,
      net: 'a',
      'net.a.inner': 'x',
      'net.a.inner.x.p': 0,
      'net.a.k': 1,
    });
    expect(suggest(ordered, space, 32)).toEqual({ n: 3, net: 'b', 'net.b.q': 100 });
    expect(suggest(ordered, space, 31)).toEqual({ n: 3, net: 'b', 'net.b.q': 10 });
  });

  it('asks for points where a parameter has endlessly many values', () => {
    expect(() => gridSampler().trials!(flat)).toThrow(/a step for rate/);
    expect(() => gridSampler({ points: 1 })).toThrow(/points/);
    expect(() => gridSampler().trials!(flattenSpace({ a: int(0, 1e6), b: int(0, 1e6) }))).toThrow(/at most 4294967296/);
  });
});

describe("Sobol' points", () => {
  it('fall into every 2^k-th part of every dimension once, scrambled too', () => {
    for (const scramble of [undefined, 0, 7]) {
      const points = Array.from({ length: 64 }, (_, i) =>
        sobolPoint(i, 128, scramble === undefined ? {} : { scramble }),
      );
      for (let dimension = 0; dimension < 128; dimension++) {
        expect(new Set(points.map((point) => Math.floor(point[dimension]! * 64))).size).toBe(64);
      }
    }
  });

  it('refuses what it has no numbers for', () => {
    expect(() => sobolPoint(0, 129)).toThrow(/1 to 128/);
    expect(() => sobolPoint(-1, 1)).toThrow(/index/);
    const wide = flattenSpace(Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`x${i}`, float(0, 1)])));
    expect(() => suggest(sobolSampler(), wide, 0)).toThrow(/at most 128/);
  });
});

describe('a space', () => {
  it('lowers the upper limit to what steps reach', () => {
    expect(int(1, 10, { step: 4 }).high).toBe(9);
    expect(float(0, 1, { step: 0.3 }).high).toBeCloseTo(0.9, 12);
    expect(float(0, 0.3, { step: 0.1 }).high).toBeCloseTo(0.3, 12);
    expect(countValues(float(0, 0.3, { step: 0.1 }))).toBe(4);
  });

  it('refuses ranges and options that make no sense', () => {
    expect(() => float(1, 0)).toThrow(/low <= high/);
    expect(() => float(0, 1, { log: true })).toThrow(/above 0 with log/);
    expect(() => float(0, Number.NaN)).toThrow(/high/);
    expect(() => int(0, 5, { log: true })).toThrow(/at least 1 with log/);
    expect(() => int(1, 5, { log: true, step: 2 })).toThrow(/either log or step/);
    expect(() => int(0.5, 2)).toThrow(/integer/);
    expect(() => choice([])).toThrow(/at least 1/);
    expect(() => choice(['a', 'a'])).toThrow(/every option of choice\(\) once/);
    expect(() => branch({})).toThrow(/at least one branch/);
    expect(() => branch({ a: { type: float(0, 1) } })).toThrow(/no parameter named type/);
  });
});

describe('normalMass', () => {
  it('keeps its digits in both tails', () => {
    // P(6 < Z < 7), Q(6) - Q(7) by scipy.stats.norm.sf 1.17.1.
    expect(normalMass(6, 7) / 9.853078324938088e-10).toBeCloseTo(1, 12);
    expect(normalMass(-7, -6)).toBe(normalMass(6, 7));
    expect(normalMass(-1, 1)).toBeCloseTo(0.6826894921370859, 14);
    expect(normalMass(2.9, 3.1) / 0.0008982100871656812).toBeCloseTo(1, 12);
  });
});
