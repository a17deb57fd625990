import { tensor } from '@percept/core';
import type { NodeScope } from '../node-scope.js';
import type { OperatorLowering } from './index.js';

/** Operators that take some of the elements. */
export const selectionLowerings: Readonly<Record<string, OperatorLowering>> = { Slice: slice, Gather: gather };

function slice(scope: NodeScope): void {
  const placed = scope.placed(0);
  const rank = placed.dims.length;
  const starts = scope.numbers(1, 'starts')!;
  const ends = scope.numbers(2, 'ends')!;
  const axes = (scope.numbers(3, 'axes') ?? [...starts.keys()]).map((axis) => scope.axis(axis, rank));
  const steps = scope.numbers(4, 'steps') ?? starts.map(() => 1);
  const ranges = placed.dims.map((size, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return { begin: 0, end: size, step: 1, open: false };
    const step = steps[at]!;
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const bound = (given: number, least: number, most: number) =>
      Math.min(most, Math.max(least, given < 0 ? given + size : given));
    const begin = bound(starts[at]!, step > 0 ? 0 : 0, step > 0 ? size : size - 1);
    const end = bound(ends[at]!, low, high);
    // Backwards to the first element: the end before it cannot be told from the last one, so it is left open.
    return { begin, end: Math.max(0, end), step, open: end < 0 };
  });
  const order = scope.permutation(placed);
  const from = scope.arrange(placed, order);
  const arranged = order.map((axis) => ranges[axis]!);
  const endMask = arranged.reduce((mask, { open }, at) => mask + (open ? 2 ** at : 0), 0);
  const dims = scope.outputDims();
  const to = scope.result(order.map((axis) => dims[axis]!));
  const limits = (['begin', 'end', 'step'] as const).map((field) =>
    scope.int32s(arranged.map((range) => range[field])),
  );
  scope.give(scope.emit('STRIDED_SLICE', [from, ...limits], to, 'StridedSliceOptions', { endMask }), order);
}

/** The indexed axis gives way to the axes of the indices, where it stood. */
function gather(scope: NodeScope): void {
  const placed = scope.placed(0);
  const axis = scope.axis(scope.attributes.int('axis', 0), placed.dims.length);
  const size = placed.dims[axis]!;
  const constant = scope.constant(1);
  const indexDims = scope.inputDims(1);
  const indices =
    constant === undefined
      ? scope.arrange(scope.placed(1), [...indexDims.keys()])
      : scope.addConstant(
          tensor(
            'int32',
            indexDims,
            Array.from(constant.constant.data as Iterable<number | bigint>, (value) =>
              Number(value) < 0 ? Number(value) + size : Number(value),
            ),
          ),
          scope.node.inputs[1]!,
        );
  const order = scope.permutation(placed);
  const from = scope.arrange(placed, order);
  const added = indexDims.length - 1;
  const wanted = order.flatMap((other) => {
    if (other === axis) return indexDims.map((_, at) => axis + at);
    return [other < axis ? other : other + added];
  });
  const dims = scope.outputDims();
  const to = scope.result(wanted.map((other) => dims[other]!));
  scope.give(scope.emit('GATHER', [from, indices], to, 'GatherOptions', { axis: order.indexOf(axis) }), wanted);
}
