import { type ElementType, elementTypeNumber } from '../element-types.js';
import type { Node } from '../model.js';
import type { TypeProto } from '../model-types.js';
import type { FormalParameter, OperatorSchema } from './operator-schema.js';

/** The formal parameter that holds for a position; the last one for all further ones, when it is variadic. */
export function parameterAt(parameters: readonly FormalParameter[], index: number): FormalParameter | undefined {
  const last = parameters.at(-1);
  return parameters[index] ?? (last?.kind === 'variadic' ? last : undefined);
}

/** A type of a schema: `float32`, `seq(int64)`, `optional(seq(float32))`, `map(string,int64)`. */
function parseSchemaType(text: string): TypeProto | undefined {
  const [, head, inner] = /^(seq|optional|sparse|map)\((.*)\)$/.exec(text) ?? [];
  if (head === 'seq') return { kind: 'sequence', elementType: parseSchemaType(inner!) };
  if (head === 'optional') return { kind: 'optional', elementType: parseSchemaType(inner!) };
  if (head === 'sparse') return { kind: 'sparseTensor', elementType: elementTypeOf(inner!), dims: undefined };
  if (head === 'map') {
    const [key = '', value = ''] = inner!.split(/,(.*)/);
    return { kind: 'map', keyType: elementTypeOf(key), valueType: parseSchemaType(value) };
  }
  const elementType = elementTypeOf(text);
  return elementType && { kind: 'tensor', elementType, dims: undefined };
}

function elementTypeOf(text: string): ElementType | undefined {
  return elementTypeNumber(text as ElementType) > 0 ? (text as ElementType) : undefined;
}

/** How a schema writes a type, shapes aside; `undefined` where it is not fully known. */
export function schemaTypeText(type: TypeProto | undefined): string | undefined {
  switch (type?.kind) {
    case 'tensor':
      return typeof type.elementType === 'string' ? type.elementType : undefined;
    case 'sparseTensor':
      return typeof type.elementType === 'string' ? `sparse(${type.elementType})` : undefined;
    case 'sequence':
    case 'optional': {
      const inner = schemaTypeText(type.elementType);
      return inner && `${type.kind === 'sequence' ? 'seq' : 'optional'}(${inner})`;
    }
    case 'map': {
      const value = schemaTypeText(type.valueType);
      return value && typeof type.keyType === 'string' ? `map(${type.keyType},${value})` : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * What the schema alone says of the type of an output: its own type, the only one that its type variable allows, or the
 * one of an input with the same type variable.
 */
export function schemaOutputType(
  schema: OperatorSchema,
  node: Node,
  output: number,
  inputType: (index: number) => TypeProto | undefined,
): TypeProto | undefined {
  const parameter = parameterAt(schema.outputs, output);
  if (parameter === undefined) return undefined;
  if (!parameter.variable) return parseSchemaType(parameter.type);
  const allowed = schema.typeConstraints.get(parameter.type);
  if (allowed?.size === 1) return parseSchemaType([...allowed][0]!);
  for (const index of node.inputs.keys()) {
    const input = parameterAt(schema.inputs, index);
    if (input?.type !== parameter.type || !input.variable || !input.homogeneous || !parameter.homogeneous) continue;
    const text = schemaTypeText(inputType(index));
    if (text !== undefined) return parseSchemaType(text);
  }
  return undefined;
}
