// Operators that pick or replace elements by index. What is picked several times gets the sum.
import { elementCount, tensor } from '@percept/core';
import type { AttributeInput } from '@percept/onnx';
import { attributes } from '@percept/onnx/graph';
import type { StepBuilder } from '../step-builder.js';
import { unsupported } from '../unsupported.js';
import { axisFromFront } from './axes.js';
import type { Gradient } from './gradient.js';

/** dX is 0 but where it was picked from: the sum of dY over the picks. */
export const Gather: Gradient = (context) => {
  const { g, node, inputs, inputDims, dY } = context;
  const [dims, picked] = inputDims as [readonly number[], readonly number[]];
  const axis = axisFromFront(attributes(node).int('axis', 0), dims.length);
  const count = elementCount(picked);
  const index = context.constant(1);
  const [front, back] = [dims.slice(0, axis), dims.slice(axis + 1)];
  if (index !== undefined && count === 1) {
    const at = axisFromFront(Number(index.data[0]), dims[axis]!);
    const before = dims.map((_, other) => (other === axis ? at : 0));
    const after = dims.map((dim, other) => (other === axis ? dim - 1 - at : 0));
    return [g.pad(g.reshape(dY, [...front, 1, ...back]), before, after)];
  }
  // The picked axis goes to the front, where ScatterND wants it.
  const perm = [axis, ...dims.keys()].filter((other, at) => at === 0 || other !== axis);
  const rows = g.transpose(g.reshape(dY, [...front, count, ...back]), perm);
  const sum = scatterAdd(g, [dims[axis]!, ...front, ...back], g.reshape(long(g, inputs[1]!), [count, 1]), rows);
  return [
    g.transpose(
      sum,
      perm.map((_, at) => perm.indexOf(at)),
    ),
  ];
};

/** dX is 0 but where it was picked from: the sum of dY over the picks. */
export const GatherElements: Gradient = ({ g, node, inputs, inputDims, dY }) => {
  const axis = attributes(node).int('axis', 0);
  return [g.node('ScatterElements', [g.fill(inputDims[0]!, 0), inputs[1]!, dY], { axis, reduction: 'add' })];
};

/** Of the values: dX is dY where they were taken from, else 0. Their positions have no gradient. */
export const TopK: Gradient = ({ g, node, inputs, inputDims, dY }) => {
  // Beside the model's own node, whose output of positions may be left out.
  const [, positions] = g.multi('TopK', inputs, node.attributes as Record<string, AttributeInput>, { outputs: 2 });
  const axis = attributes(node).int('axis', -1);
  return [g.node('ScatterElements', [g.fill(inputDims[0]!, 0), positions!, dY], { axis })];
};

/** dX is 0 but where it was picked from: the sum of dY over the picks. */
export const GatherND: Gradient = ({ g, node, inputs, inputDims, dY }) => {
  const [dims, picked] = inputDims as [readonly number[], readonly number[]];
  const batch = attributes(node).int('batch_dims', 0);
  let indices = inputs[1]!;
  if (batch > 0) {
    // The batch's own position in front of every index makes it one without batch dimensions.
    const rows = picked.slice(0, -1);
    const at = new BigInt64Array(elementCount(rows) * batch);
    for (let row = 0; row < at.length / batch; row++) {
      for (let axis = 0, rest = elementCount(rows); axis < batch; axis++) {
        rest /= rows[axis]!;
        at[row * batch + axis] = BigInt(Math.floor(row / rest) % rows[axis]!);
      }
    }
    indices = g.node('Concat', [g.constant(tensor('int64', [...rows, batch], at)), indices], { axis: -1 });
  }
  return [scatterAdd(g, dims, indices, dY)];
};

/** What was replaced gets 0 and its replacement gets dY; with reduction `add` both get it. */
export const ScatterND: Gradient = ({ g, node, inputs, inputDims, needed, dY }) => {
  const add = adds(attributes(node).string('reduction', 'none'), node);
  const zeros = () => g.fill(inputDims[2]!, 0);
  return [
    needed[0] ? (add ? dY : g.node('ScatterND', [dY, inputs[1]!, zeros()])) : undefined,
    undefined,
    needed[2] ? g.node('GatherND', [dY, inputs[1]!]) : undefined,
  ];
};

/** What was replaced gets 0 and its replacement gets dY; with reduction `add` both get it. */
export const ScatterElements: Gradient = ({ g, node, inputs, inputDims, needed, dY }) => {
  const add = adds(attributes(node).string('reduction', 'none'), node);
  const axis = attributes(node).int('axis', 0);
  const zeros = () => g.fill(inputDims[2]!, 0);
  return [
    needed[0] ? (add ? dY : g.node('ScatterElements', [dY, inputs[1]!, zeros()], { axis })) : undefined,
    undefined,
    needed[2] ? g.node('GatherElements', [dY, inputs[1]!], { axis }) : undefined,
  ];
};

function adds(reduction: string, node: Parameters<typeof unsupported>[0]): boolean {
  if (reduction !== 'none' && reduction !== 'add') throw unsupported(node, 'reduction none or add', reduction);
  return reduction === 'add';
}

function scatterAdd(g: StepBuilder, dims: readonly number[], indices: string, updates: string): string {
  return g.node('ScatterND', [g.fill(dims, 0), indices, updates], { reduction: 'add' });
}

function long(g: StepBuilder, indices: string): string {
  return g.node('Cast', [indices], { to: 7 });
}
