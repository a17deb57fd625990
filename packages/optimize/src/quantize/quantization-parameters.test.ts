import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activationLimits,
  activationParameters,
  int8Scales,
  quantizeActivations,
  quantizeBias,
  quantizeInt8,
  roundHalfToEven,
  scalesThatHoldBias,
} from './quantization-parameters.js';

const smallest = 2 ** -126;
const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

const formats = (['uint8', 'int8', 'uint16', 'int16'] as const).flatMap((type) =>
  [false, true].map((symmetric) => ({ type, symmetric })),
);
const format = fc.constantFrom(...formats);
const uint8Parameters = (low: number, high: number) =>
  activationParameters(low, high, { type: 'uint8', symmetric: false });

describe('activationParameters', () => {
  it('gives a usable scale and an exact zero for every range', () => {
    fc.assert(
      fc.property(finite, finite, format, (a, b, kind) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { scale, zeroPoint } = activationParameters(low, high, kind);
        expect(scale).toBeGreaterThanOrEqual(smallest);
        expect(Math.fround(scale)).toBe(scale);
        expect(zeroPoint).toBe(Math.round(zeroPoint));
        expect(zeroPoint).toBeGreaterThanOrEqual(activationLimits[kind.type][0]);
        expect(zeroPoint).toBeLessThanOrEqual(activationLimits[kind.type][1]);
      }),
    );
  });

  it('reaches both ends of the range to within half a step', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        format,
        (low, width, kind) => {
          const parameters = activationParameters(low, low + width, kind);
          const ends = Float32Array.of(low, low + width, 0);
          const quantized = quantizeActivations(ends, parameters, kind.type);
          ends.forEach((value, index) => {
            const back = parameters.scale * (quantized[index]! - parameters.zeroPoint);
            expect(Math.abs(back - value)).toBeLessThanOrEqual(parameters.scale * 0.5001 + Math.abs(value) * 1e-6);
          });
        },
      ),
    );
  });

  it('survives ranges without width', () => {
    expect(uint8Parameters(0, 0)).toEqual({ scale: 1, zeroPoint: 0 });
    expect(uint8Parameters(1e-40, 1e-40)).toEqual({ scale: 1, zeroPoint: 0 });
    expect(uint8Parameters(5, 5)).toEqual({ scale: Math.fround(5 / 255), zeroPoint: 0 });
    expect(uint8Parameters(-5, -5)).toEqual({ scale: Math.fround(5 / 255), zeroPoint: 255 });
  });
});

const perRow = (channels: number, length: number) => ({
  channels,
  axis: 0,
  channelOf: (index: number) => Math.floor(index / length),
});

describe('weights', () => {
  it('use the whole symmetric range', () => {
    const weight = Float32Array.of(1, -2, 0.5, 10, 5, -2.5);
    const layout = perRow(2, 3);
    for (const [bits, limit] of [
      [7, 64],
      [8, 127],
    ] as const) {
      const scales = int8Scales(weight, layout, bits);
      expect([...scales]).toEqual([Math.fround(2 / limit), Math.fround(10 / limit)]);
      expect([...quantizeInt8(weight, scales, layout, bits)].map(Math.abs)).toContain(limit);
    }
  });

  it('give channels of zeros the scale of the others', () => {
    expect([...int8Scales(Float32Array.of(0, 0, 64, 32), perRow(2, 2), 7)]).toEqual([1, 1]);
    expect([...int8Scales(new Float32Array(4), perRow(2, 2), 7)]).toEqual([1, 1]);
  });

  it('widen their scale until the bias fits into 32 bits', () => {
    const scales = scalesThatHoldBias(Float32Array.of(1e-12, 0.01), 0.01, Float32Array.of(-1000, 1000));
    expect(scales[1]).toBe(Math.fround(0.01));
    const { values } = quantizeBias(Float32Array.of(-1000, 1000), 0.01, scales);
    expect(values[0]).toBeLessThan(-2e9);
    expect(values[0]! * 0.01 * scales[0]!).toBeCloseTo(-1000, 2);
    expect(values[1]).toBe(1e7);
  });

  it('never let the unit of a bias become denormal', () => {
    const scales = scalesThatHoldBias(Float32Array.of(smallest), 1e-3, Float32Array.of(0));
    expect(quantizeBias(Float32Array.of(0), 1e-3, scales).scales[0]).toBeGreaterThanOrEqual(smallest);
  });
});

it('roundHalfToEven breaks ties to even and is Math.round otherwise', () => {
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map(roundHalfToEven).map((value) => value + 0)).toEqual([
    -2, -2, 0, 0, 2, 2,
  ]);
  fc.assert(
    fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
      fc.pre(Math.abs((value % 1) - 0.5) > 1e-9 && Math.abs((value % 1) + 0.5) > 1e-9);
      expect(roundHalfToEven(value) + 0).toBe(Math.round(value) + 0);
    }),
  );
});
