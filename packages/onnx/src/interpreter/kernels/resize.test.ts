import { describe, expect, it } from 'vitest';
import { fromNumbers, int64, numbers, strings, tensorValue } from '../value.js';
import { compute, f32, float, int, result, text } from './single-node.fixture.js';

const ramp = (count: number): number[] => Array.from({ length: count }, (_, at) => ((at * 37) % 19) - 9);

describe('Resize', () => {
  it('to the same size gives every element back, in every mode', () => {
    const x = f32([1, 2, 3, 4], ramp(24));
    for (const mode of ['nearest', 'linear', 'cubic']) {
      for (const coordinates of ['half_pixel', 'align_corners', 'asymmetric', 'tf_crop_and_resize']) {
        const attributes = { mode: text(mode), coordinate_transformation_mode: text(coordinates) };
        expect(result('Resize', [x, undefined, undefined, int64([4], [1, 2, 3, 4])], attributes)).toEqual(ramp(24));
      }
    }
  });

  it('keeps a constant, antialiased or not', () => {
    const x = f32([1, 1, 9, 7], new Array(63).fill(5));
    for (const antialias of [0, 1]) {
      for (const mode of ['linear', 'cubic']) {
        const y = result('Resize', [x, undefined, undefined, int64([4], [1, 1, 4, 11])], {
          mode: text(mode),
          antialias: int(antialias),
        });
        for (const value of y) expect(value).toBeCloseTo(5, 6);
      }
    }
  });

  it('picks among strings', () => {
    const x = tensorValue('string', [2], ['a', 'b']);
    const [y] = compute('Resize', [x, undefined, f32([1], [2])]);
    expect(strings(y!)).toEqual(['a', 'a', 'b', 'b']);
  });

  it('rounds and saturates integers that a cubic overshoots', () => {
    const x = fromNumbers('uint8', [6], [0, 0, 0, 255, 255, 255]);
    const [y] = compute('Resize', [x, undefined, f32([1], [2])], { mode: text('cubic') });
    const values = Array.from(numbers(y!));
    expect(Math.min(...values)).toBe(0);
    expect(Math.max(...values)).toBe(255);
    const [real] = compute('Resize', [f32([6], [0, 0, 0, 255, 255, 255]), undefined, f32([1], [2])], {
      mode: text('cubic'),
    });
    expect(Math.max(...numbers(real!))).toBeGreaterThan(255);
  });

  it('fills what lies outside of a crop', () => {
    const attributes = {
      mode: text('nearest'),
      coordinate_transformation_mode: text('tf_crop_and_resize'),
      extrapolation_value: float(-1),
    };
    const y = result('Resize', [f32([3], [1, 2, 3]), f32([2], [-0.5, 1.5]), undefined, int64([1], [5])], attributes);
    expect(y).toEqual([-1, 1, 2, 3, -1]);
  });

  it('refuses scales for other axes, and modes it does not know', () => {
    expect(() => compute('Resize', [f32([2, 2], ramp(4)), undefined, f32([1], [2])])).toThrow(
      /Expected scales or sizes for 2 axes/,
    );
    expect(() => compute('Resize', [f32([2], ramp(2)), undefined, f32([1], [2])], { mode: text('lanczos') })).toThrow(
      expect.objectContaining({ code: 'ONNX_OPERATOR_UNSUPPORTED' }),
    );
  });
});

describe('GridSample', () => {
  const identity = f32([1, 2, 3], [1, 0, 0, 0, 1, 0]);
  const x = f32([1, 2, 3, 4], ramp(24));

  it('gives every element back on the grid of the identity', () => {
    for (const corners of [0, 1]) {
      const [grid] = compute('AffineGrid', [identity, int64([4], [1, 2, 3, 4])], { align_corners: int(corners) });
      for (const mode of ['linear', 'nearest', 'cubic']) {
        const y = result('GridSample', [x, grid], { mode: text(mode), align_corners: int(corners) });
        for (const [at, value] of y.entries()) expect(value).toBeCloseTo(ramp(24)[at]!, 5);
      }
    }
  });

  it('reflects at the edges again and again', () => {
    // One row of four, with outer edges at -0.5 and 3.5: 4 mirrors to 3, 9 to -2 and then to 1, -2 to 1.
    const row = f32([1, 1, 1, 4], [0, 1, 2, 3]);
    const place = (at: number) => (2 * at + 1) / 4 - 1;
    const grid = f32([1, 1, 3, 2], [place(4), 0, place(9), 0, place(-2), 0]);
    expect(
      result('GridSample', [row, grid], { padding_mode: text('reflection') }).map(
        (value) => Math.round(value * 1e4) / 1e4,
      ),
    ).toEqual([3, 1, 1]);
  });

  it('reflects an axis of one element onto it', () => {
    const grid = f32([1, 1, 1, 2], [3, -7]);
    expect(
      result('GridSample', [f32([1, 1, 1, 1], [8]), grid], { padding_mode: text('reflection'), align_corners: int(1) }),
    ).toEqual([8]);
  });
});
