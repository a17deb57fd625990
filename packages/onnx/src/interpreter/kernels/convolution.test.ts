import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numbers } from '../value.js';
import { compute, f32, int, ints, result, text } from './single-node.fixture.js';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, at) => sum + value * b[at]!, 0);
const ramp = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, at) => (((at + 1) * seed * 7919) % 23) - 11);

describe('convolution', () => {
  it('has ConvTranspose as its adjoint: ⟨Conv(x), y⟩ = ⟨x, ConvTranspose(y)⟩', () => {
    const axis = fc.record({
      extra: fc.integer({ min: 0, max: 5 }),
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      padBegin: fc.integer({ min: 0, max: 2 }),
      padEnd: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 2 }), (axes, group) => {
        const spatial = axes.map(({ extra, kernel, dilation }) => (kernel - 1) * dilation + 1 + extra);
        const attributes = {
          group: int(group),
          strides: ints(...axes.map(({ stride }) => stride)),
          dilations: ints(...axes.map(({ dilation }) => dilation)),
          pads: ints(...axes.map(({ padBegin }) => padBegin), ...axes.map(({ padEnd }) => padEnd)),
        };
        const count = (dims: number[]) => dims.reduce((a, b) => a * b, 1);
        const xDims = [2, 2 * group, ...spatial];
        const wDims = [3 * group, 2, ...axes.map(({ kernel }) => kernel)];
        const x = f32(xDims, ramp(count(xDims), 3));
        const w = f32(wDims, ramp(count(wDims), 5));
        const forward = compute('Conv', [x, w], attributes)[0]!;
        const y = f32(forward.dims, ramp(count([...forward.dims]), 7));
        // What the last positions do not reach is padded onto the result.
        const reach = axes.map(
          ({ kernel, stride, dilation, padBegin, padEnd }, at) =>
            spatial[at]! + padBegin + padEnd - ((forward.dims[at + 2]! - 1) * stride + (kernel - 1) * dilation + 1),
        );
        const back = compute('ConvTranspose', [y, w], { ...attributes, output_padding: ints(...reach) })[0]!;
        expect(back.dims).toEqual(xDims);
        expect(dot(numbers(back), numbers(x))).toBe(dot(numbers(forward), numbers(y)));
      }),
      { numRuns: 60 },
    );
  });

  it('of one element is a matrix product', () => {
    const [x, w] = [ramp(3 * 4, 3), ramp(2 * 3, 5)];
    expect(result('Conv', [f32([1, 3, 4], x), f32([2, 3, 1], w)])).toEqual(
      result('MatMul', [f32([2, 3], w), f32([3, 4], x)]),
    );
  });

  it('Col2Im adds what overlaps', () => {
    const blocks = f32([1, 4, 4], new Array(16).fill(1));
    const shape = (values: number[]) => ({
      ...f32([2], values),
      type: 'int64' as const,
      data: BigInt64Array.from(values, BigInt),
    });
    expect(result('Col2Im', [blocks, shape([3, 3]), shape([2, 2])])).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
  });

  it('carries the last elements of a causal convolution', () => {
    const w = f32([1, 1, 3], [1, 10, 100]);
    const [whole] = compute('CausalConvWithState', [f32([1, 1, 4], [1, 2, 3, 4]), w], {}, { opset: 27, outputs: 2 });
    const [head, state] = compute('CausalConvWithState', [f32([1, 1, 2], [1, 2]), w], {}, { opset: 27, outputs: 2 });
    const [tail] = compute(
      'CausalConvWithState',
      [f32([1, 1, 2], [3, 4]), w, undefined, state],
      {},
      { opset: 27, outputs: 2 },
    );
    expect([...numbers(head!), ...numbers(tail!)]).toEqual(Array.from(numbers(whole!)));
  });

  it('refuses channels that the weights do not have, and kernels of another rank', () => {
    expect(() => compute('Conv', [f32([1, 2, 3], ramp(6, 1)), f32([1, 3, 1], ramp(3, 1))])).toThrow(
      /Expected 3 channels/,
    );
    expect(() => compute('MaxPool', [f32([1, 1, 3, 3], ramp(9, 1))], { kernel_shape: ints(2) })).toThrow(
      /Expected kernel_shape of 2 axes/,
    );
  });
});

describe('pooling', () => {
  it('takes the first of equal values, and any NaN', () => {
    const x = f32([1, 1, 4], [2, 2, Number.NaN, 1]);
    const [y, at] = compute('MaxPool', [x], { kernel_shape: ints(2) }, { outputs: 2 });
    expect(Array.from(numbers(y!))).toEqual([2, Number.NaN, Number.NaN]);
    expect(Array.from(numbers(at!))).toEqual([0, 2, 2]);
  });

  it('counts padding but not what lies beyond it', () => {
    const x = f32([1, 1, 5], [1, 2, 3, 4, 5]);
    const attributes = { kernel_shape: ints(3), strides: ints(2), pads: ints(1, 0), ceil_mode: int(1) };
    // The last window begins at 3: two elements, and one that is neither input nor padding.
    expect(result('AveragePool', [x], { ...attributes, count_include_pad: int(1) })).toEqual([1, 3, 4.5]);
    expect(result('AveragePool', [x], attributes)).toEqual([1.5, 3, 4.5]);
  });

  it('puts back with MaxUnpool what MaxPool took', () => {
    const x = f32([1, 2, 4, 4], ramp(32, 3));
    const attributes = { kernel_shape: ints(2, 2), strides: ints(2, 2) };
    const [pooled, at] = compute('MaxPool', [x], attributes, { outputs: 2 });
    const [back] = compute('MaxUnpool', [pooled, at], attributes);
    expect(result('MaxPool', [back], attributes).map((value) => Math.max(value, 0))).toEqual(
      Array.from(numbers(pooled!), (value) => Math.max(value, 0)),
    );
    expect(result('MaxPool', [x], { ...attributes, auto_pad: text('VALID') })).toEqual(Array.from(numbers(pooled!)));
  });
});
