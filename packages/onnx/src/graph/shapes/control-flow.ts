import type { Dimension } from '../../model.js';
import type { TypeProto } from '../../model-types.js';
import { frontAxis } from './dimensions.js';
import type { InferredOutput, ShapeContext, ShapeRule } from './shape-rule.js';
import { formatType, unionTypes } from './value-type.js';

const wholeTypes = (types: readonly (TypeProto | undefined)[]): InferredOutput[] => types.map((type) => ({ type }));

export const If: ShapeRule = (context) => {
  const then = context.subgraph('then_branch', []);
  const otherwise = context.subgraph('else_branch', []);
  if (then.length !== otherwise.length) {
    context.refuse(`branches with as many outputs but received ${then.length} and ${otherwise.length}`);
  }
  return wholeTypes(then.map((type, index) => unionTypes(type, otherwise[index])));
};

/** Types of values that go round a body until they no longer change: what differs from round to round is unknown. */
function settle(
  initial: readonly (TypeProto | undefined)[],
  run: (types: readonly (TypeProto | undefined)[]) => readonly (TypeProto | undefined)[],
): { readonly states: readonly (TypeProto | undefined)[]; readonly outputs: readonly (TypeProto | undefined)[] } {
  let states = initial;
  for (;;) {
    const outputs = run(states);
    const next = states.map((type, index) => unionTypes(type, outputs[index]));
    // Each round can only forget, so this ends.
    if (next.every((type, index) => formatType(type) === formatType(states[index]))) return { states, outputs };
    states = next;
  }
}

function stacked(type: TypeProto | undefined, axis: number, length: Dimension): TypeProto | undefined {
  if (type?.kind !== 'tensor' || type.dims === undefined) {
    return type?.kind === 'tensor' ? type : undefined;
  }
  const at = axis < 0 ? axis + type.dims.length + 1 : axis;
  return { ...type, dims: type.dims.toSpliced(at, 0, length) };
}

export const Loop: ShapeRule = (context) => {
  const carried = Array.from({ length: Math.max(0, context.inputCount - 2) }, (_, index) => context.type(index + 2));
  const scalar = (elementType: 'int64' | 'bool'): TypeProto => ({ kind: 'tensor', elementType, dims: [] });
  const { states, outputs } = settle(carried, (types) =>
    context.subgraph('body', [scalar('int64'), scalar('bool'), ...types]).slice(1),
  );
  return wholeTypes([...states, ...outputs.slice(carried.length).map((type) => stacked(type, 0, undefined))]);
};

export const Scan: ShapeRule = (context) => {
  if (context.opset < 9) return batchedScan(context);
  const { attributes } = context;
  const scanned = scannedInputs(context, 0);
  const states = context.inputCount - scanned;
  const axes = attributes.ints('scan_input_axes', new Array<number>(scanned).fill(0));
  let length: Dimension;
  const items = axes.map((given, index) => {
    const type = context.type(states + index);
    if (type?.kind !== 'tensor' || type.dims === undefined) return type?.kind === 'tensor' ? type : undefined;
    const axis = frontAxis(context, given, type.dims.length);
    length ??= type.dims[axis];
    return { ...type, dims: type.dims.toSpliced(axis, 1) };
  });
  const initial = Array.from({ length: states }, (_, index) => context.type(index));
  const settled = settle(initial, (types) => context.subgraph('body', [...types, ...items]));
  const outputAxes = attributes.ints('scan_output_axes', []);
  return wholeTypes([
    ...settled.states,
    ...settled.outputs.slice(states).map((type, index) => stacked(type, outputAxes[index] ?? 0, length)),
  ]);
};

/** How many inputs of a Scan are scanned, of those after the first `leading` ones. */
function scannedInputs(context: ShapeContext, leading: number): number {
  const scanned = context.attributes.int('num_scan_inputs');
  if (scanned < 0 || scanned > context.inputCount - leading) {
    context.refuse(`up to ${context.inputCount - leading} scanned inputs but received ${scanned}`);
  }
  return scanned;
}

/** Scan of opset 8: after the sequence lengths, everything has a batch axis, and what is scanned a sequence axis after it. */
function batchedScan(context: ShapeContext): InferredOutput[] {
  const scanned = scannedInputs(context, 1);
  const states = context.inputCount - 1 - scanned;
  let [batch, length]: Dimension[] = [];
  const inside = (index: number, leading: number): TypeProto | undefined => {
    const type = context.type(index + 1);
    if (type?.kind !== 'tensor' || type.dims === undefined) return type;
    batch ??= type.dims[0];
    if (leading === 2) length ??= type.dims[1];
    return { ...type, dims: type.dims.slice(leading) };
  };
  const initial = Array.from({ length: states }, (_, index) => inside(index, 1));
  const items = Array.from({ length: scanned }, (_, index) => inside(states + index, 2));
  const settled = settle(initial, (types) => context.subgraph('body', [...types, ...items]));
  const sequences = settled.outputs.slice(states).map((type) => stacked(type, 0, length));
  return wholeTypes([...settled.states, ...sequences].map((type) => stacked(type, 0, batch)));
}
