import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float16ToFloat32, float32ToFloat16 } from './float16.js';
import { elementCount, tensor } from './tensor.js';

describe('tensor', () => {
  it('keeps a typed array, converts numbers and fills with zeros', () => {
    const data = new Float32Array([1, 2]);
    expect(tensor('float32', [2], data).data).toBe(data);
    expect(tensor('int64', [2], [1, 2n as unknown as number]).data).toEqual(new BigInt64Array([1n, 2n]));
    expect(tensor('float16', [1], [1.5]).data).toEqual(new Uint16Array([0x3e00]));
    expect(tensor('uint8', [2, 2]).data).toEqual(new Uint8Array(4));
    expect(elementCount([])).toBe(1);
  });

  it.each([
    ['a wrong length', () => tensor('float32', [3], [1, 2])],
    ['a negative dimension', () => tensor('float32', [-1])],
    ['another array type', () => tensor('float32', [1], new Uint8Array(1) as never)],
    ['numbers as strings', () => tensor('string', [1], [1] as never)],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'TENSOR_INVALID' }));
  });
});

describe('float16', () => {
  it('round-trips every finite half and keeps the specials', () => {
    for (let half = 0; half < 0x10000; half++) {
      if ((half & 0x7c00) === 0x7c00) continue;
      expect(float32ToFloat16(float16ToFloat32(half))).toBe(half);
    }
    expect(float32ToFloat16(Number.POSITIVE_INFINITY)).toBe(0x7c00);
    expect(float16ToFloat32(float32ToFloat16(Number.NaN))).toBeNaN();
    expect(float32ToFloat16(65519.99)).toBe(0x7bff);
    expect(float32ToFloat16(65520)).toBe(0x7c00);
  });

  it('rounds to the nearest half, ties to even', () => {
    expect(float32ToFloat16(1 + 2 ** -11)).toBe(0x3c00);
    expect(float32ToFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(float32ToFloat16(2 ** -25)).toBe(0);
    expect(float32ToFloat16(3 * 2 ** -25)).toBe(2);
    fc.assert(
      fc.property(fc.float({ min: -60000, max: 60000, noNaN: true }), (value) => {
        const half = float32ToFloat16(value);
        const error = Math.abs(float16ToFloat32(half) - value);
        return [half - 1, half + 1]
          .filter((other) => (other & 0x7c00) !== 0x7c00 && other >= 0 && (other & 0x8000) === (half & 0x8000))
          .every((other) => Math.abs(float16ToFloat32(other) - value) >= error);
      }),
    );
  });
});
