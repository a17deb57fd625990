import { describe, expect, it } from 'vitest';
import type { ElementType } from '../element-type.js';
import { integerRange } from '../element-type.js';
import { fromNumbers, numbers } from '../value.js';
import { compute, f32, int, result } from './single-node.fixture.js';

const scalarOf = (type: ElementType, value: number) => fromNumbers(type, [], [value]);

describe('quantization', () => {
  for (const type of ['int8', 'uint8', 'int16', 'uint16', 'int4', 'uint4', 'int2', 'uint2'] as const) {
    it(`of ${type} rounds ties to even and keeps within the type`, () => {
      const [low, high] = integerRange(type);
      const values = [-1e9, -1.5, -0.5, 0.5, 1.5, 1e9];
      const clamp = (value: number) => Math.min(Math.max(value, low), high);
      expect(
        result('QuantizeLinear', [f32([6], values), scalarOf('float32', 1), scalarOf(type, 0)], {}, { opset: 25 }),
      ).toEqual([-1e9, -2, -0, 0, 2, 1e9].map((value) => clamp(value) + 0));
    });

    it(`gives back every value of ${type}`, () => {
      const [low, high] = integerRange(type);
      const step = Math.max(1, (high - low) >> 8);
      const all = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, at) => low + at * step);
      const x = fromNumbers(type, [all.length], all);
      const [scale, zero] = [scalarOf('float32', 0.0371), scalarOf(type, 1)];
      const [real] = compute('DequantizeLinear', [x, scale, zero], {}, { opset: 25 });
      expect(result('QuantizeLinear', [real, scale, zero], {}, { opset: 25 })).toEqual(all);
    });
  }

  it('to float8 saturates or gives NaN, as asked', () => {
    const inputs = [f32([4], [1000, -1000, 0.3, Number.NaN]), scalarOf('float32', 1), scalarOf('float8e4m3fn', 0)];
    expect(result('QuantizeLinear', inputs)).toEqual([448, -448, 0.3125, Number.NaN]);
    expect(result('QuantizeLinear', inputs, { saturate: int(0) })).toEqual([
      Number.NaN,
      Number.NaN,
      0.3125,
      Number.NaN,
    ]);
  });

  it('divides in the precision of the scale', () => {
    const x = f32([1], [3.3]);
    // 5.4991 is below the tie in single, and rounds to 5.5 in half precision.
    const scale = 0.60009765625;
    expect(result('QuantizeLinear', [x, scalarOf('float32', scale)])).toEqual([5]);
    expect(result('QuantizeLinear', [x, scalarOf('float16', scale)])).toEqual([6]);
    expect(result('QuantizeLinear', [x, scalarOf('float32', scale)], { precision: int(10) }, { opset: 23 })).toEqual([
      6,
    ]);
    expect(compute('QuantizeLinear', [x, scalarOf('float16', 0.6)], { output_dtype: int(3) })[0]!.type).toBe('int8');
  });

  it('refuses as many scales as fit no axis', () => {
    expect(() => compute('QuantizeLinear', [f32([2, 3], new Array(6).fill(0)), f32([2], [1, 1])])).toThrow(
      /Expected 3 scales for axis 1/,
    );
    expect(() =>
      compute('DequantizeLinear', [fromNumbers('int8', [2, 5], new Array(10).fill(0)), f32([2, 2], [1, 1, 1, 1])], {
        block_size: int(2),
      }),
    ).toThrow(/blocks of 2/);
  });

  it('accumulates exactly', () => {
    const ones = (count: number, value: number) => fromNumbers('uint8', [1, count], new Array(count).fill(value));
    const [y] = compute('MatMulInteger', [ones(3000, 255), fromNumbers('int8', [3000, 1], new Array(3000).fill(-128))]);
    expect(Array.from(numbers(y!))).toEqual([3000 * 255 * -128]);
  });
});
