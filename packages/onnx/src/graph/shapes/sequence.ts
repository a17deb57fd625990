import type { Dimension } from '../../model.js';
import type { TypeProto } from '../../model-types.js';
import { frontAxis } from './dimensions.js';
import { namedType } from './elementwise.js';
import type { InferredOutput, ShapeContext, ShapeRule } from './shape-rule.js';
import { unionTypes } from './value-type.js';

const sequenceOf = (elementType: TypeProto | undefined): InferredOutput => ({
  type: { kind: 'sequence', elementType },
});

/** What the sequence at an input holds. */
function itemType(context: ShapeContext, index: number): TypeProto | undefined {
  const type = context.type(index);
  return type?.kind === 'sequence' ? type.elementType : undefined;
}

export const SequenceEmpty: ShapeRule = (context) => [
  sequenceOf({ kind: 'tensor', elementType: namedType(context, 'dtype') ?? 'float32', dims: undefined }),
];

export const SequenceConstruct: ShapeRule = (context) => {
  const items = Array.from({ length: context.inputCount }, (_, index) => context.type(index));
  return [sequenceOf(items.reduce((all, item) => unionTypes(all, item)))];
};

export const SequenceInsert: ShapeRule = (context) => {
  const item = itemType(context, 0);
  // An empty sequence says nothing of the shape of its items, so that the union must not be narrower than it is.
  return [sequenceOf(item && unionTypes(item, context.type(1)))];
};

export const SequenceErase: ShapeRule = (context) => [{ type: context.type(0) }];
export const SequenceAt: ShapeRule = (context) => [{ type: itemType(context, 0) }];
export const SequenceLength: ShapeRule = () => [{ dims: [] }];

export const SplitToSequence: ShapeRule = (context) => {
  const dims = context.dims(0);
  const elementType = context.elementType(0);
  if (dims === undefined) return [sequenceOf({ kind: 'tensor', elementType, dims })];
  const axis = frontAxis(context, context.attributes.int('axis', 0), dims.length);
  const item: Dimension[] = [...dims];
  if (context.has(1)) {
    const sizes = context.integers(1);
    const listed = context.dims(1)?.length === 1;
    const size = sizes?.[0];
    const total = dims[axis];
    const even = listed
      ? new Set(sizes).size === 1
      : typeof total === 'number' && size !== undefined && total % size === 0;
    item[axis] = even ? size : undefined;
  } else if (context.attributes.int('keepdims', 1) !== 0) {
    item[axis] = 1;
  } else {
    item.splice(axis, 1);
  }
  return [sequenceOf({ kind: 'tensor', elementType, dims: item })];
};

export const ConcatFromSequence: ShapeRule = (context) => {
  const item = itemType(context, 0);
  const dims = item?.kind === 'tensor' ? item.dims : undefined;
  const elementType = item?.kind === 'tensor' && typeof item.elementType !== 'number' ? item.elementType : undefined;
  if (dims === undefined) return [{ elementType }];
  const stacked = context.attributes.int('new_axis', 0) !== 0;
  const axis = frontAxis(context, context.attributes.int('axis'), dims.length + (stacked ? 1 : 0));
  return [{ elementType, dims: stacked ? dims.toSpliced(axis, 0, undefined) : dims.with(axis, undefined) }];
};

export const SequenceMap: ShapeRule = (context) => {
  const inputs = Array.from(
    { length: context.inputCount },
    (_, index) => itemType(context, index) ?? context.type(index),
  );
  return context.subgraph('body', inputs).map(sequenceOf);
};

export const Optional: ShapeRule = (context) => {
  const given = context.node.attributes.type;
  const elementType = context.type(0) ?? (given?.type === 'typeProto' ? given.value : undefined);
  return [{ type: { kind: 'optional', elementType } }];
};

export const OptionalHasElement: ShapeRule = () => [{ dims: [] }];

export const OptionalGetElement: ShapeRule = (context) => {
  const type = context.type(0);
  return [{ type: type?.kind === 'optional' ? type.elementType : type }];
};
