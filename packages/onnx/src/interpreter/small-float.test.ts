import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16ToNumber, numberToBfloat16, type SmallFloatFormat, smallFloats } from './small-float.js';

const names = Object.keys(smallFloats) as SmallFloatFormat[];

describe.each(names)('%s', (name) => {
  const { values, encode } = smallFloats[name];
  const finite = [...values].filter(Number.isFinite);

  it('reads back every value that it has', () => {
    for (const [pattern, value] of values.entries()) {
      if (!Number.isFinite(value)) continue;
      expect(Object.is(values[encode(value)], value), `${pattern}: ${value}`).toBe(true);
    }
  });

  it('rounds to a value that no other is nearer than', () => {
    const limit = Math.max(...finite);
    fc.assert(
      fc.property(fc.double({ min: name === 'float8e8m0' ? 0 : -limit, max: limit, noNaN: true }), (value) => {
        const rounded = values[encode(value)]!;
        const nearest = Math.min(...finite.map((other) => Math.abs(other - value)));
        expect(Math.abs(rounded - value)).toBe(nearest);
      }),
    );
  });

  it('saturates, or overflows to what the format has', () => {
    const largest = Math.max(...finite);
    expect(values[encode(largest * 4)]).toBe(largest);
    const beyond = values[encode(largest * 4, { saturate: false })]!;
    const none = name.startsWith('float6') || name.startsWith('float4');
    expect(beyond).toBe(none ? largest : name === 'float8e5m2' ? Number.POSITIVE_INFINITY : Number.NaN);
  });
});

// Values of the OCP and fnuz specifications.
it.each([
  ['float8e4m3fn', 0x7e, 448],
  ['float8e4m3fn', 0x01, 2 ** -9],
  ['float8e4m3fn', 0x7f, Number.NaN],
  ['float8e4m3fnuz', 0x7f, 240],
  ['float8e4m3fnuz', 0x80, Number.NaN],
  ['float8e5m2', 0x7b, 57344],
  ['float8e5m2', 0x7c, Number.POSITIVE_INFINITY],
  ['float8e5m2fnuz', 0x7f, 57344],
  ['float8e5m2fnuz', 0x01, 2 ** -17],
  ['float8e8m0', 0x00, 2 ** -127],
  ['float8e8m0', 0xff, Number.NaN],
  ['float6e2m3', 0x1f, 7.5],
  ['float6e3m2', 0x1f, 28],
  ['float4e2m1', 0x0f, -6],
] as const)('%s reads 0x%s as %s', (name, pattern, value) => {
  expect(smallFloats[name].values[pattern]).toBe(value);
});

it('rounds to bfloat16 with ties to even, and keeps NaN one', () => {
  expect(numberToBfloat16(1 + 2 ** -8)).toBe(0x3f80);
  expect(numberToBfloat16(1 + 3 * 2 ** -8)).toBe(0x3f82);
  expect(numberToBfloat16(3.4e38)).toBe(0x7f80);
  expect(bfloat16ToNumber(numberToBfloat16(Number.NaN))).toBeNaN();
});
