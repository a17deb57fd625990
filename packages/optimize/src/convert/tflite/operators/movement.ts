import { tensor } from '@percept/core';
import { isConstantOperand } from '../lowering.js';
import { transposedLayout } from '../memory-layout.js';
import type { NodeScope } from '../node-scope.js';
import { channelsLast } from './images.js';
import type { OperatorLowering } from './index.js';

/** Operators that change how elements are read, or put values together. */
export const movementLowerings: Readonly<Record<string, OperatorLowering>> = {
  Reshape: reread,
  Flatten: reread,
  Squeeze: reread,
  Unsqueeze: reread,
  Identity: reread,
  Dropout: (scope) => {
    if ((scope.node.outputs[1] ?? '') !== '')
      scope.refuse('a mask as a second output', 'Export the model for inference');
    reread(scope);
  },
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Expand: expand,
  Pad: pad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: (scope) => {
    const [n, c, h, w] = scope.outputDims() as [number, number, number, number];
    const from = scope.arrange(scope.placed(0), channelsLast);
    const to = scope.result([n, h, w, c]);
    const blockSize = scope.attributes.int('blocksize');
    scope.give(scope.emit('SPACE_TO_DEPTH', [from], to, 'SpaceToDepthOptions', { blockSize }), channelsLast);
  },
};

/** The same elements with other sizes: nothing happens until a kernel wants them so. */
function reread(scope: NodeScope): void {
  scope.givePlaced(scope.reshaped(scope.placed(0), scope.outputDims()));
}

/** Only how the value is read changes. */
function transpose(scope: NodeScope): void {
  const placed = scope.placed(0);
  const order = scope.attributes.ints('perm', undefined) ?? [...placed.dims.keys()].reverse();
  scope.givePlaced({
    tensor: placed.tensor,
    dims: order.map((axis) => placed.dims[axis]!),
    layout: transposedLayout(placed.layout, order),
  });
}

function concat(scope: NodeScope): void {
  const dims = scope.outputDims();
  const axis = scope.axis(scope.attributes.int('axis'), dims.length);
  const operands = scope.node.inputs.map((_, index) => scope.operand(index));
  const values = operands.filter((operand) => !isConstantOperand(operand));
  const orders = [...values.map((operand) => scope.permutation(operand)), [...dims.keys()]];
  const moved = (order: readonly number[]) => operands.filter((operand) => scope.moves(operand, order)).length;
  const order = orders.reduce((best, other) => (moved(other) < moved(best) ? other : best));
  const to = scope.result(order.map((at) => dims[at]!));
  const wanted = scope.quantizationOf(to);
  const tensors = operands.map((operand) => {
    const from = scope.arrange(operand, order);
    const own = scope.quantizationOf(from);
    const isAlike = own?.scales[0] === wanted?.scales[0] && own?.zeroPoints[0] === wanted?.zeroPoints[0];
    // The kernel puts integers together as they are.
    return isAlike ? from : scope.emit('QUANTIZE', [from], scope.result(scope.shapeOf(from)), 'QuantizeOptions');
  });
  scope.give(scope.emit('CONCATENATION', tensors, to, 'ConcatenationOptions', { axis: order.indexOf(axis) }), order);
}

function split(scope: NodeScope): void {
  const placed = scope.placed(0);
  const axis = scope.axis(scope.attributes.int('axis', 0), placed.dims.length);
  const order = scope.permutation(placed);
  const from = scope.arrange(placed, order);
  const at = scope.int32s([order.indexOf(axis)], []);
  const outputs = scope.node.outputs.map((_, index) => index);
  const sizes = outputs.map((index) => scope.outputDims(index)[axis]!);
  const results = outputs.map((index) =>
    scope.result(
      order.map((other) => scope.outputDims(index)[other]!),
      { index },
    ),
  );
  const values = { numSplits: outputs.length };
  if (sizes.every((size) => size === sizes[0])) scope.emitMany('SPLIT', [at, from], results, 'SplitOptions', values);
  else scope.emitMany('SPLIT_V', [from, scope.int32s(sizes), at], results, 'SplitVOptions', values);
  for (const index of outputs) scope.give(results[index]!, order, index);
}

function expand(scope: NodeScope): void {
  const dims = scope.outputDims();
  const given = scope.placed(0);
  const placed = scope.reshaped(given, [...new Array<number>(dims.length - given.dims.length).fill(1), ...given.dims]);
  const order = scope.permutation(placed);
  const shape = order.map((axis) => dims[axis]!);
  const from = scope.arrange(placed, order);
  scope.give(scope.emit('BROADCAST_TO', [from, scope.int32s(shape)], scope.result(shape), 'BroadcastToOptions'), order);
}

function pad(scope: NodeScope): void {
  const { attributes } = scope;
  const placed = scope.placed(0);
  const rank = placed.dims.length;
  const given = scope.numbers(1, 'amounts of padding') ?? [...attributes.ints('pads')];
  const axes = (scope.numbers(3, 'axes') ?? [...placed.dims.keys()]).map((axis) => scope.axis(axis, rank));
  const amounts = placed.dims.map((_, axis): [number, number] => {
    const at = axes.indexOf(axis);
    return at < 0 ? [0, 0] : [given[at]!, given[at + axes.length]!];
  });
  if (amounts.flat().some((amount) => amount < 0)) scope.refuse('negative padding', 'Use Slice');
  const order = scope.permutation(placed);
  const from = scope.arrange(placed, order);
  const table = scope.int32s(
    order.flatMap((axis) => amounts[axis]!),
    [rank, 2],
  );
  const to = scope.result(order.map((axis) => placed.dims[axis]! + amounts[axis]![0] + amounts[axis]![1]));
  const mode = attributes.string('mode', 'constant');
  if (mode === 'reflect') scope.emit('MIRROR_PAD', [from, table], to, 'MirrorPadOptions', { mode: 0 });
  else if (mode !== 'constant') scope.refuse(`mode ${mode}`, 'TFLite pads with a constant or by reflection');
  else {
    const value = scope.numbers(2, 'a value')?.[0] ?? 0;
    if (value === 0) scope.emit('PAD', [from, table], to, 'PadOptions');
    else if (scope.typeOf(from) === 'float32') {
      const filling = scope.addConstant(tensor('float32', [], [value]), 'filling');
      scope.emit('PADV2', [from, table, filling], to, 'PadV2Options');
    } else scope.refuse('a filling of integers', 'Pad with 0');
  }
  scope.give(to, order);
}

/** With channels last it is TFLite's own operator in mode DCR; in mode CRD elements are moved one way more. */
function depthToSpace(scope: NodeScope): void {
  const placed = scope.placed(0);
  const [n, c, h, w] = placed.dims as [number, number, number, number];
  const block = scope.attributes.int('blocksize');
  const depth = c / (block * block);
  if (scope.attributes.string('mode', 'DCR') === 'CRD') {
    const apart = scope.reshaped(placed, [n, depth, block, block, h, w]);
    const order = [0, 1, 4, 2, 5, 3];
    const moved = {
      tensor: apart.tensor,
      dims: order.map((axis) => apart.dims[axis]!),
      layout: transposedLayout(apart.layout, order),
    };
    scope.givePlaced(scope.reshaped(moved, scope.outputDims()));
    return;
  }
  const from = scope.arrange(placed, channelsLast);
  const to = scope.result([n, h * block, w * block, depth]);
  scope.give(scope.emit('DEPTH_TO_SPACE', [from], to, 'DepthToSpaceOptions', { blockSize: block }), channelsLast);
}
