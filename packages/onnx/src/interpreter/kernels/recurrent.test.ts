import { describe, expect, it } from 'vitest';
import { fromNumbers, numbers, type TensorValue } from '../value.js';
import { compute, f32, int, text } from './single-node.fixture.js';

const ramp = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, at) => ((((at + 1) * seed * 7919) % 23) - 11) / 20);

/** Swaps the first two axes of [a, b, ...rest]. */
function swapped({ type, dims, data }: TensorValue): TensorValue {
  const [a, b] = dims as [number, number];
  const inner = data.length / (a * b);
  const values = numbers({ kind: 'tensor', type, dims, data });
  const moved = Array.from(values, (_, at) => {
    const [row, column] = [Math.floor(at / (inner * a)), Math.floor(at / inner) % a];
    return values[(column * b + row) * inner + (at % inner)]!;
  });
  return fromNumbers(type, [b, a, ...dims.slice(2)], moved);
}

describe('recurrent layers', () => {
  for (const [op, gates] of [
    ['RNN', 1],
    ['GRU', 3],
    ['LSTM', 4],
  ] as const) {
    const [w, r, b] = [
      f32([1, gates * 3, 2], ramp(gates * 6, 3)),
      f32([1, gates * 3, 3], ramp(gates * 9, 5)),
      f32([1, gates * 6], ramp(gates * 6, 7)),
    ];
    const x = f32([4, 2, 2], ramp(16, 11));
    const size = { hidden_size: int(3) };

    it(`${op} takes the batch first on request`, () => {
      const [y, last] = compute(op, [x, w, r, b], size, { outputs: 2 });
      const [batchFirst, lastBatchFirst] = compute(
        op,
        [swapped(x), w, r, b],
        { ...size, layout: int(1) },
        { outputs: 2 },
      );
      // [steps, 1, batch, units] becomes [batch, steps, 1, units].
      expect(batchFirst!.dims).toEqual([2, 4, 1, 3]);
      const flat = swapped({ ...y!, dims: [4, 2, 3] });
      expect(numbers(batchFirst!)).toEqual(numbers(flat));
      expect(numbers(lastBatchFirst!)).toEqual(numbers(last!));
    });

    it(`${op} stops at the length of each sequence, and begins there backwards`, () => {
      const lengths = fromNumbers('int32', [2], [4, 2]);
      const [, last] = compute(op, [x, w, r, b, lengths], { ...size, direction: text('reverse') }, { outputs: 2 });
      const short = f32([2, 1, 2], [...numbers(x)].filter((_, at) => Math.floor(at / 2) % 2 === 1).slice(0, 4));
      const [, alone] = compute(op, [short, w, r, b], { ...size, direction: text('reverse') }, { outputs: 2 });
      expect(Array.from(numbers(last!).slice(3, 6))).toEqual(Array.from(numbers(alone!)));
    });
  }

  it('refuses an activation function that is not in the definition', () => {
    const inputs = [f32([1, 1, 1], [1]), f32([1, 1, 1], [1]), f32([1, 1, 1], [1])];
    expect(() =>
      compute('RNN', inputs, { hidden_size: int(1), activations: { type: 'strings', value: ['Gelu'] } }),
    ).toThrow(expect.objectContaining({ code: 'ONNX_OPERATOR_UNSUPPORTED' }));
  });
});
