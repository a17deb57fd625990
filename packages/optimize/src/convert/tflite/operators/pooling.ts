import { tensor } from '@percept/core';
import type { NodeScope } from '../node-scope.js';
import { paddings } from '../schema.js';
import {
  channelsLast,
  giveImage,
  imageOperand,
  padImage,
  planPadding,
  spatialPair,
  type WindowAxis,
  windowAxes,
} from './images.js';
import type { OperatorLowering } from './index.js';

/** Pooling over windows of images. That over whole images is a reduction. */
export const poolingLowerings: Readonly<Record<string, OperatorLowering>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
};

function maxPool(scope: NodeScope): void {
  if ((scope.node.outputs[1] ?? '') !== '') scope.refuse('indices as a second output', 'Export the model without them');
  const image = imageOperand(scope);
  const axes = poolAxes(scope, image.dims);
  const plan = planPadding(axes);
  const input = padImage(scope, scope.arrange(image, channelsLast), plan, 'lowest');
  giveImage(scope, pool(scope, 'MAX_POOL_2D', input, axes, plan.scheme));
}

/** TFLite's SAME leaves added elements out of the mean, as count_include_pad 0 does; else they are added as zeros. */
function averagePool(scope: NodeScope): void {
  const image = imageOperand(scope);
  const axes = poolAxes(scope, image.dims);
  const plan = planPadding(axes);
  const counts = scope.attributes.int('count_include_pad', 0) === 1;
  const isFree = plan.added.every((pair) => pair.every((count) => count === 0));
  const arranged = scope.arrange(image, channelsLast);
  if (isFree && (plan.scheme === 'VALID' || !counts)) {
    giveImage(scope, pool(scope, 'AVERAGE_POOL_2D', arranged, axes, plan.scheme));
    return;
  }
  if (scope.isQuantized) scope.refuse('padding on integers', 'Keep this pooling out of the quantization');
  const byHand = axes.map(({ size, kernel, stride, pads, output }): [number, number] => [
    pads[0],
    Math.max(0, (output - 1) * stride + kernel - size - pads[0]),
  ]);
  const padded = padImage(scope, arranged, { scheme: 'VALID', added: byHand }, 'zero');
  const mean = pool(scope, 'AVERAGE_POOL_2D', padded, axes, 'VALID');
  const shares = axes.map((axis) => countedShare(axis, counts));
  const [rows, columns] = shares as [number[], number[]];
  if ([...rows, ...columns].every((share) => share === 1)) {
    giveImage(scope, mean);
    return;
  }
  const factors = rows.flatMap((row) => columns.map((column) => 1 / (row * column)));
  const correction = scope.addConstant(tensor('float32', [1, rows.length, columns.length, 1], factors), 'correction');
  const values = { activation: scope.activationCode };
  giveImage(scope, scope.emit('MUL', [mean, correction], scope.result(scope.shapeOf(mean)), 'MulOptions', values));
}

/** Which share of each window counts: elements of the image, and of the padding that the node itself asks for. */
function countedShare({ size, kernel, stride, pads, output }: WindowAxis, counts: boolean): number[] {
  const [from, to] = counts ? [-pads[0], size + pads[1]] : [0, size];
  return Array.from({ length: output }, (_, at) => {
    const start = at * stride - pads[0];
    return (Math.min(start + kernel, to) - Math.max(start, from)) / kernel;
  });
}

function poolAxes(scope: NodeScope, dims: readonly number[]): readonly [WindowAxis, WindowAxis] {
  const axes = windowAxes(scope, [dims[2]!, dims[3]!], spatialPair(scope.attributes.ints('kernel_shape'), 1));
  if (axes.some(({ dilation }) => dilation !== 1)) scope.refuse('dilations', 'TFLite pools without gaps only');
  return axes;
}

function pool(
  scope: NodeScope,
  operator: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D',
  input: number,
  axes: readonly [WindowAxis, WindowAxis],
  scheme: 'SAME' | 'VALID',
): number {
  const [n, , , c] = scope.shapeOf(input) as [number, number, number, number];
  return scope.emit(operator, [input], scope.result([n, axes[0].output, axes[1].output, c]), 'Pool2DOptions', {
    padding: paddings[scheme],
    strideH: axes[0].stride,
    strideW: axes[1].stride,
    filterHeight: axes[0].kernel,
    filterWidth: axes[1].kernel,
    activation: scope.activationCode,
  });
}
