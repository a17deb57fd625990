import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromOnnxOrder, toOnnxOrder } from './weight-layout.js';

const layouts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }).chain((view) =>
  fc.record({
    view: fc.constant(view),
    perm: fc.shuffledSubarray([...view.keys()], { minLength: view.length }),
    dims: fc.constant(view),
  }),
);

describe('layouts of weights', () => {
  it('order [kH, kW, in, out] as [out, in, kH, kW]', () => {
    const layout = { view: [1, 2, 2, 3], perm: [3, 2, 0, 1], dims: [3, 2, 1, 2] };
    const data = Float32Array.from({ length: 12 }, (_, at) => at);
    expect([...toOnnxOrder(data, layout)]).toEqual([0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11]);
  });

  it('are undone to the bit', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const data = Float32Array.from({ length: layout.view.reduce((a, b) => a * b) }, (_, at) => at + 0.5);
        expect(fromOnnxOrder(toOnnxOrder(data, layout), layout)).toEqual(data);
      }),
    );
  });
});
