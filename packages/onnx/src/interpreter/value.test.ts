import { describe, expect, it } from 'vitest';
import { castTensor } from './cast.js';
import { fromBigInts, fromNumbers, numbers, pick, strings, tensorValue } from './value.js';

const values = (type: Parameters<typeof fromNumbers>[0], list: number[]) => [
  ...numbers(fromNumbers(type, [list.length], list)),
];

describe('fromNumbers', () => {
  it('wraps integers as two’s complement, after cutting them towards zero', () => {
    expect(values('int8', [128, -129, 1.9, -1.9])).toEqual([-128, 127, 1, -1]);
    expect(values('int4', [8, -9, 7.9, 15])).toEqual([-8, 7, 7, -1]);
    expect(values('uint4', [16, -1])).toEqual([0, 15]);
    expect(values('int2', [2, 1, -3])).toEqual([-2, 1, 1]);
    expect(values('uint32', [2 ** 32 + 1, -1])).toEqual([1, 2 ** 32 - 1]);
    expect(values('bool', [0, 0.5, Number.NaN])).toEqual([0, 1, 1]);
  });

  it('rounds to float16 once, not twice', () => {
    // Through float32 this would first become the tie 1 + 2^-11, and then the even 1.
    expect(values('float16', [1 + 2 ** -11 + 2 ** -40, 1 + 2 ** -11])).toEqual([1 + 2 ** -10, 1]);
    expect(values('float16', [-(1 + 2 ** -11 + 2 ** -40), 65520, 2 ** -25, 2 ** -25 + 2 ** -70])).toEqual([
      -(1 + 2 ** -10),
      Number.POSITIVE_INFINITY,
      0,
      2 ** -24,
    ]);
  });

  it('makes 64-bit integers of numbers and of bigints', () => {
    expect(fromNumbers('int64', [2], [-1.5, 2 ** 53]).data).toEqual(new BigInt64Array([-1n, 2n ** 53n]));
    expect(fromBigInts('int64', [1], [2n ** 63n]).data).toEqual(new BigInt64Array([-(2n ** 63n)]));
    expect(fromBigInts('uint8', [2], [2n ** 64n + 257n, -1n]).data).toEqual(new Uint8Array([1, 255]));
  });
});

describe('castTensor', () => {
  it('writes floats as the shortest text that reads back', () => {
    const texts = castTensor(fromNumbers('float32', [4], [0.1, 1e-7, 3, Number.NEGATIVE_INFINITY]), 'string');
    expect(strings(texts)).toEqual(['0.1', '1e-7', '3.0', '-INF']);
  });

  it('keeps the low bits of integers that no number holds', () => {
    expect(castTensor(fromBigInts('int64', [1], [2n ** 60n + 7n]), 'int32').data).toEqual(new Int32Array([7]));
  });

  it('refuses complex numbers', () => {
    expect(() => castTensor(tensorValue('complex64', [1]), 'float32')).toThrow(
      expect.objectContaining({ code: 'ONNX_OPERATOR_UNSUPPORTED' }),
    );
  });
});

it('pick moves whole complex elements', () => {
  const tensor = tensorValue('complex64', [2], new Float32Array([1, 2, 3, 4]));
  expect(pick(tensor, [3], [1, -1, 0]).data).toEqual(new Float32Array([3, 4, 0, 0, 1, 2]));
});
