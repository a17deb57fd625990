import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ScoreList } from './score-list.js';

const score = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.float({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 0.25, 1),
);

it('keeps every number as it is, float32 or not, and sorts them however they were added', () => {
  fc.assert(
    fc.property(fc.array(fc.array(score, { maxLength: 40 }), { maxLength: 6 }), (parts) => {
      const list = new ScoreList();
      const expected: number[] = [];
      for (const [i, part] of parts.entries()) {
        const other = new ScoreList();
        for (const value of part) (i % 2 === 0 ? list : other).push(value);
        list.append(other);
        expected.push(...part);
        expected.sort((a, b) => a - b);
        expect([...list.sorted()]).toEqual(expected);
        expect(list.length).toBe(expected.length);
      }
    }),
  );
});

it('takes 4 bytes a score as long as float32 holds them', () => {
  const list = new ScoreList();
  for (let i = 0; i < 100; i++) list.push(Math.fround(i / 300));
  expect(list.sorted()).toBeInstanceOf(Float32Array);
  list.push(0.1);
  expect(list.sorted()).toBeInstanceOf(Float64Array);
});
