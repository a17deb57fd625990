import { attributes } from '@percept/onnx/graph';
import { unsupported } from '../unsupported.js';
import type { GradientContext } from './gradient.js';

/** An axis counted from the front, whichever way it was given. */
export function axisFromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * The integers of a constant input, `undefined` where it is left out.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED` where they are computed
 */
export function constantIntegers(context: GradientContext, index: number, what: string): number[] | undefined {
  if ((context.inputs[index] ?? '') === '') return undefined;
  const constant = context.constant(index);
  if (constant === undefined) throw unsupported(context.node, `constant ${what}`, 'computed ones');
  return Array.from(constant.data as Iterable<number | bigint>, Number);
}

/** The axes of a reduction, from the front: the attribute of old operator sets, or the constant input of new ones. */
export function reducedAxes(context: GradientContext): number[] {
  const rank = context.inputDims[0]!.length;
  const axes = constantIntegers(context, 1, 'axes') ?? attributes(context.node).ints('axes', []);
  if (axes.length > 0) return axes.map((axis) => axisFromFront(axis, rank));
  const keep = context.node.attributes.noop_with_empty_axes;
  return keep?.type === 'int' && keep.value === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}
