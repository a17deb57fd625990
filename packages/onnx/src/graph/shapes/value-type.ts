// Types of values, compared and combined. `undefined` stands for a value of which nothing is known.
import type { Dimension } from '../../model.js';
import type { TypeProto } from '../../model-types.js';

/** The type that holds for both of two values: what they do not have in common becomes unknown. */
export function unionTypes(first: TypeProto | undefined, second: TypeProto | undefined): TypeProto | undefined {
  if (first === undefined || second === undefined || first.kind !== second.kind) return undefined;
  if (isTensor(first) && isTensor(second)) {
    return {
      kind: first.kind,
      elementType: first.elementType === second.elementType ? first.elementType : undefined,
      dims: unionDims(first.dims, second.dims),
    };
  }
  if (isContainer(first) && isContainer(second)) {
    return { kind: first.kind, elementType: unionTypes(first.elementType, second.elementType) };
  }
  return first;
}

function unionDims(first: Dimension[] | undefined, second: Dimension[] | undefined): Dimension[] | undefined {
  if (first === undefined || second === undefined || first.length !== second.length) return undefined;
  return first.map((dim, axis) => (dim === second[axis] ? dim : undefined));
}

/** A contradiction between two types of one value, in words. */
export class TypeConflict {
  constructor(readonly words: string) {}
}

/**
 * What is known of a value of which two things are said. Numbers win over symbols, the first symbol over the second.
 */
export function mergeTypes(
  first: TypeProto | undefined,
  second: TypeProto | undefined,
): TypeProto | TypeConflict | undefined {
  if (first === undefined || first.kind === 'none') return second ?? first;
  if (second === undefined || second.kind === 'none') return first;
  if (first.kind !== second.kind) return new TypeConflict(`a ${first.kind} and a ${second.kind}`);
  if (isTensor(first) && isTensor(second)) {
    if (
      first.elementType !== undefined &&
      second.elementType !== undefined &&
      first.elementType !== second.elementType
    ) {
      return new TypeConflict(`${first.elementType} and ${second.elementType}`);
    }
    const dims = mergeDims(first.dims, second.dims);
    if (dims instanceof TypeConflict) return dims;
    return { ...first, elementType: first.elementType ?? second.elementType, dims };
  }
  if (isContainer(first) && isContainer(second)) {
    const elementType = mergeTypes(first.elementType, second.elementType);
    return elementType instanceof TypeConflict ? elementType : { ...first, elementType };
  }
  return first;
}

function mergeDims(
  first: Dimension[] | undefined,
  second: Dimension[] | undefined,
): Dimension[] | TypeConflict | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  if (first.length !== second.length) {
    return new TypeConflict(
      `rank ${first.length} (${formatDims(first)}) and rank ${second.length} (${formatDims(second)})`,
    );
  }
  const merged: Dimension[] = [];
  for (const [axis, dim] of first.entries()) {
    const other = second[axis];
    if (typeof dim === 'number' && typeof other === 'number' && dim !== other) {
      return new TypeConflict(`the shapes ${formatDims(first)} and ${formatDims(second)}`);
    }
    merged.push(typeof other === 'number' ? other : (dim ?? other));
  }
  return merged;
}

/** `[2,N,?]`. */
function formatDims(dims: readonly Dimension[]): string {
  return `[${dims.map((dim) => dim ?? '?').join(',')}]`;
}

/** `float32[2,N,?]`, `float32` (unknown rank), `sequence(…)`, `?`. */
export function formatType(type: TypeProto | undefined): string {
  if (type === undefined || type.kind === 'none') return '?';
  if (isTensor(type)) {
    const element = type.elementType ?? '?';
    const text = `${element}${type.dims === undefined ? '' : formatDims(type.dims)}`;
    return type.kind === 'tensor' ? text : `sparse(${text})`;
  }
  if (isContainer(type)) return `${type.kind}(${formatType(type.elementType)})`;
  return type.kind === 'map'
    ? `map(${type.keyType ?? '?'}, ${formatType(type.valueType)})`
    : `${type.domain}.${type.name}`;
}

type Tensor = Extract<TypeProto, { kind: 'tensor' | 'sparseTensor' }>;
type Container = Extract<TypeProto, { kind: 'sequence' | 'optional' }>;

function isTensor(type: TypeProto): type is Tensor {
  return type.kind === 'tensor' || type.kind === 'sparseTensor';
}

function isContainer(type: TypeProto): type is Container {
  return type.kind === 'sequence' || type.kind === 'optional';
}
