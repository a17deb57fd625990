import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfusionMatrix } from './confusion-matrix.js';

const pairs = fc.array(fc.tuple(fc.integer({ min: -1, max: 4 }), fc.nat(4)), { maxLength: 40 });
const matrixOf = (samples: [number, number][]) => {
  const matrix = new ConfusionMatrix(5);
  matrix.update(
    samples.map(([predicted]) => predicted),
    samples.map(([, actual]) => actual),
  );
  return matrix;
};

describe('ConfusionMatrix', () => {
  it('counts by actual and predicted class', () => {
    const matrix = new ConfusionMatrix(2);
    matrix.update([0, 1, 1, -1], [0n, 0n, 1n, 1n]);
    expect([matrix.at(0, 0), matrix.at(0, 1), matrix.at(1, 0), matrix.at(1, 1), matrix.at(1, -1)]).toEqual([
      1, 1, 0, 1, 1,
    ]);
    expect(matrix.total).toBe(4);
    expect(matrix.rows()).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(matrix.toJSON()).toEqual({
      version: 1,
      classes: 2,
      cells: [
        [0, 0, 1],
        [0, 1, 1],
        [1, -1, 1],
        [1, 1, 1],
      ],
    });
  });

  it('merges in any order, and survives JSON', () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        const whole = matrixOf([...a, ...b]).toJSON();
        const [left, right] = [matrixOf(a), matrixOf(b)];
        left.merge(matrixOf(b));
        right.merge(matrixOf(a));
        expect(left.toJSON()).toEqual(whole);
        expect(right.toJSON()).toEqual(whole);
        expect(ConfusionMatrix.fromJSON(JSON.parse(JSON.stringify(whole))).toJSON()).toEqual(whole);
      }),
    );
  });

  it.each([
    () => new ConfusionMatrix(1.5),
    () => new ConfusionMatrix(2).update([0], []),
    () => new ConfusionMatrix(2).update([2], [0]),
    () => new ConfusionMatrix(2).update([0], [-1]),
    () => new ConfusionMatrix(2).update([-2], [0]),
    () => new ConfusionMatrix(2).at(2, 0),
    () => new ConfusionMatrix(2).at(-1, 0),
    () => new ConfusionMatrix(2).merge(new ConfusionMatrix(3)),
    () => ConfusionMatrix.fromJSON({ version: 1, classes: 2, cells: [[2, 0, 1]] }),
    () => ConfusionMatrix.fromJSON({ version: 2, classes: 2, cells: [] }),
  ])('refuses %s', (call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
