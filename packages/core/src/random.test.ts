import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import goldens from '../../../test/goldens/core/keyed-random.json';
import { keyedPermutation } from './permutation.js';
import { philox4x32 } from './philox.js';
import { keyedRandom, randomVersion } from './random.js';
import { murmur3, randomKey } from './random-key.js';

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, '0'));

describe('philox4x32', () => {
  // Known-answer vectors of the Random123 distribution (kat_vectors, philox4x32 10).
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'],
    ],
    [
      [-1, -1, -1, -1],
      [-1, -1],
      ['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      ['d16cfe09', '94fdcceb', '5001e420', '24126ea1'],
    ],
  ] as const)('matches Random123 for counter %j', (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox4x32(counter[0], counter[1], counter[2], counter[3], key[0], key[1], out);
    expect(hex(out)).toEqual(expected);
  });
});

describe('randomKey', () => {
  it('uses MurmurHash3 x86_32', () => {
    // Published test values of the algorithm.
    expect(murmur3(new TextEncoder().encode(''), 1)).toBe(0x514e28b7);
    expect(murmur3(new TextEncoder().encode('test'), 0x9747b28c)).toBe(0x704b81dc);
    expect(murmur3(new TextEncoder().encode('Hello, world!'), 0x9747b28c)).toBe(0x24884cba);
  });

  it('tells strings from numbers and parts from their joints', () => {
    expect(randomKey(1)).not.toEqual(randomKey('1'));
    expect(randomKey('ab', 'c')).not.toEqual(randomKey('a', 'bc'));
    expect(randomKey(-0)).toEqual(randomKey(0));
  });
});

describe('keyedRandom', () => {
  it.each(goldens.cases)('draws what Random123 and MurmurHash3 give for %j', ({ path, key, uint32, float }) => {
    expect(goldens.randomVersion).toBe(randomVersion);
    expect(randomKey(...path)).toEqual(key);
    const words = keyedRandom(...path);
    expect(uint32.map(() => words.uint32())).toEqual(uint32);
    const floats = keyedRandom(...path);
    expect(float.map(() => floats.float())).toEqual(float);
    const filled = new Float32Array(uint32.length);
    keyedRandom(...path).fill(filled);
    expect([...filled]).toEqual(uint32.map((word) => Math.floor(word / 256) / 2 ** 24));
  });

  it('keeps the draws of random version 1 that build on them', () => {
    expect(keyedRandom(42, 'normal').normal()).toBe(0.7041652692941843);
    expect(keyedRandom(42, 'integer').integer(-5, 6)).toBe(-2);
    expect(Array.from({ length: 10 }, (_, i) => keyedPermutation(10, 42, 'order').at(i))).toEqual([
      2, 6, 7, 5, 3, 0, 9, 4, 8, 1,
    ]);
  });

  it('draws uniform floats and normals with the right moments', () => {
    const random = keyedRandom('moments');
    const floats = Array.from({ length: 20_000 }, () => random.float());
    const normals = Array.from({ length: 20_000 }, () => random.normal());
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = (values: number[]) => mean(values.map((value) => (value - mean(values)) ** 2));
    expect(mean(floats)).toBeCloseTo(0.5, 1);
    expect(Math.min(...floats)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...floats)).toBeLessThan(1);
    expect(Math.abs(mean(normals))).toBeLessThan(0.03);
    expect(Math.abs(mean(normals.map((value) => value ** 2)) - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean(normals.map((value) => value ** 4)) - 3)).toBeLessThan(0.3);
    expect(Math.abs(variance(floats) - 1 / 12)).toBeLessThan(0.003);
  });

  it('gives children that do not depend on what was drawn', () => {
    const fresh = keyedRandom('a').child('b').uint32();
    const used = keyedRandom('a');
    used.normal();
    expect(used.child('b').uint32()).toBe(fresh);
    expect(keyedRandom('a', 'b').uint32()).toBe(fresh);
  });

  it('draws integers within any range and refuses empty ones', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 31 }), fc.string(), (low, range, key) => {
        const value = keyedRandom(key).integer(low, low + range);
        return Number.isInteger(value) && value >= low && value < low + range;
      }),
    );
    expect(() => keyedRandom(0).integer(3, 3)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('keyedPermutation', () => {
  it('visits every element once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer(), (length, seed) => {
        const permutation = keyedPermutation(length, seed);
        const seen = new Set(Array.from({ length }, (_, i) => permutation.at(i)));
        return seen.size === length && [...seen].every((value) => value >= 0 && value < length);
      }),
      { numRuns: 50 },
    );
  });

  it('has no fixed order across keys and spreads neighbours', () => {
    const length = 10_000;
    const permutation = keyedPermutation(length, 7, 1);
    const positions = Array.from({ length }, (_, i) => permutation.at(i));
    const meanStep =
      positions.slice(1).reduce((sum, value, i) => sum + Math.abs(value - positions[i]!), 0) / (length - 1);
    expect(meanStep).toBeGreaterThan(length * 0.32);
    expect(meanStep).toBeLessThan(length * 0.345);
    expect(positions).not.toEqual(Array.from({ length }, (_, i) => keyedPermutation(length, 7, 2).at(i)));
  });

  it('refuses positions outside and lengths that are no integers', () => {
    expect(() => keyedPermutation(3, 0).at(3)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => keyedPermutation(1.5, 0)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
