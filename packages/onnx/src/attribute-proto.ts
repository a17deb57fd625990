import { PerceptError } from '@percept/core';
import { readGraph, writeGraph } from './graph-proto.js';
import type { Attribute, AttributeKind } from './model.js';
import { isRawTensor } from './model-tensors.js';
import { decodeMessage, encodeMessage, type Message } from './protobuf/message.js';
import { attributeProto } from './protobuf/onnx-tables.js';
import { decodeText, decodeUtf8, encodeText } from './protobuf/utf8.js';
import type { Content } from './protobuf/writer.js';
import { writableInteger } from './safe-integer.js';
import { inOrder, keepOrder, readEntries, writeEntries } from './spelling.js';
import { readSparseTensor, readTensor, writeSparseTensor, writeTensor } from './tensor-proto.js';
import { typeEntries } from './type-proto.js';
import type { Kept } from './wire-hints.js';

type AttributeFields = Message<typeof attributeProto.fields>;

/** The kinds in the order of their numbers (AttributeProto.AttributeType), which begin with 1, and the field of each. */
const kinds = {
  float: 'f',
  int: 'i',
  string: 's',
  tensor: 't',
  graph: 'g',
  floats: 'floats',
  ints: 'ints',
  strings: 'strings',
  tensors: 'tensors',
  graphs: 'graphs',
  sparseTensor: 'sparseTensor',
  sparseTensors: 'sparseTensors',
  typeProto: 'tp',
  typeProtos: 'typeProtos',
} as const satisfies Record<AttributeKind, keyof AttributeFields>;
const kindNames = Object.keys(kinds) as AttributeKind[];

/** Decodes attributes; their order is kept where a record cannot hold it. */
export function readAttributes(entries: Uint8Array[], kept: Kept, depth: number): Record<string, Attribute> {
  const list = entries.map((entry) => readAttribute(entry, depth));
  const attributes = Object.fromEntries(list);
  keepOrder(
    list.map(([name]) => name),
    Object.keys(attributes),
    kept,
    'attributes',
  );
  return attributes;
}

/** Encodes attributes. */
export function writeAttributes(attributes: Record<string, Attribute>, kept: Kept): (Content | Uint8Array)[] {
  return inOrder(Object.entries(attributes), kept).map(([name, attribute]) => writeAttribute(name, attribute));
}

function readAttribute(bytes: Uint8Array, depth: number): [string, Attribute] {
  const { fields, kept } = decodeMessage(attributeProto, bytes);
  return [fields.name ?? '', readValue(fields, kept, depth) ?? { type: 'opaque', value: bytes }];
}

/** The attribute, or nothing where its fields do not fit together. */
function readValue(fields: AttributeFields, kept: Kept, depth: number): Attribute | undefined {
  const given: AttributeKind[] = [];
  for (const kind of kindNames) {
    const value = fields[kinds[kind]];
    if (Array.isArray(value) ? value.length > 0 : value !== undefined) given.push(kind);
  }
  // Files of IR version 1 carry no type; the field that is set tells it.
  const kind = fields.type ? kindNames[fields.type - 1] : given[0];
  const extras = { ...(fields.docString && { docString: fields.docString }), ...kept };
  if (fields.refAttrName !== undefined) {
    const isSound = given.length === 0 && (kind !== undefined || !fields.type);
    return isSound ? { type: 'reference', value: fields.refAttrName, of: kind, ...extras } : undefined;
  }
  if (kind === undefined || given.some((other) => other !== kind)) return undefined;
  const absent: number[] = [];
  if (fields.type === undefined) absent.push(20);
  if (given.length === 0 && kind in scalars) absent.push(scalars[kind as keyof typeof scalars]);
  if (absent.length > 0) extras.wire = { ...kept.wire, absent };
  return readKind(kind, fields, extras, depth);
}

/** Field numbers of the scalar kinds, which may be left out where they hold their default. */
const scalars = { float: 2, int: 3, string: 4 } as const;

function readKind(
  type: AttributeKind,
  fields: AttributeFields,
  kept: Kept & { docString?: string },
  depth: number,
): Attribute | undefined {
  switch (type) {
    case 'float':
      return { type, value: fields.f ?? 0, ...kept };
    case 'int': {
      const exact = kept.wire?.exact?.[3];
      return { type, value: fields.i ?? 0, ...(exact !== undefined && { exact }), ...kept };
    }
    case 'string': {
      const bytes = fields.s ?? new Uint8Array();
      const text = decodeUtf8(bytes);
      return text === undefined ? { type: 'bytes', value: bytes, ...kept } : { type, value: text, ...kept };
    }
    case 'tensor': {
      if (fields.t === undefined) return undefined;
      const { tensor } = readTensor(fields.t, true);
      return isRawTensor(tensor) ? { type: 'rawTensor', value: tensor, ...kept } : { type, value: tensor, ...kept };
    }
    case 'graph':
      return fields.g && { type, value: readGraph(fields.g, depth + 1), ...kept };
    case 'floats':
      return { type, value: fields.floats, ...kept };
    case 'ints': {
      const value = fields.ints.map(Number);
      return { type, value, ...(!value.every(Number.isSafeInteger) && { exact: fields.ints.map(BigInt) }), ...kept };
    }
    case 'strings':
      return { type, value: fields.strings.map(decodeText), ...kept };
    case 'tensors':
      return { type, value: fields.tensors.map((item) => readTensor(item, true).tensor), ...kept };
    case 'graphs':
      return { type, value: fields.graphs.map((item) => readGraph(item, depth + 1)), ...kept };
    case 'sparseTensor':
      return fields.sparseTensor && { type, value: readSparseTensor(fields.sparseTensor, true).tensor, ...kept };
    case 'sparseTensors':
      return { type, value: fields.sparseTensors.map((item) => readSparseTensor(item, true).tensor), ...kept };
    case 'typeProto': {
      const value = fields.tp && readEntries(typeEntries, [fields.tp], kept, 14)[0];
      return value && { type, value, ...kept };
    }
    case 'typeProtos': {
      const value = readEntries(typeEntries, fields.typeProtos, kept, 15);
      return { type, value, ...kept };
    }
  }
}

function writeAttribute(name: string, attribute: Attribute): Content | Uint8Array {
  if (attribute.type === 'opaque') return attribute.value;
  const absent = attribute.wire?.absent ?? [];
  const isReference = attribute.type === 'reference';
  const kind = isReference ? attribute.of : kindOf(attribute.type);
  const content = {
    name,
    docString: attribute.docString,
    type: kind === undefined || absent.includes(20) ? undefined : kindNames.indexOf(kind) + 1,
    ...(isReference && { refAttrName: attribute.value }),
    ...(!isReference &&
      !isLeftOut(attribute, absent) && { [kinds[kindOf(attribute.type)]]: writeValue(name, attribute) }),
  };
  return (writer) => encodeMessage(writer, attributeProto, content, attribute);
}

type ValueAttribute = Exclude<Attribute, { type: 'opaque' | 'reference' }>;

function kindOf(type: ValueAttribute['type']): AttributeKind {
  if (type === 'rawTensor') return 'tensor';
  return type === 'bytes' ? 'string' : type;
}

/** Whether the file leaves the value out, which still is the default. */
function isLeftOut(attribute: Attribute, absent: readonly number[]): boolean {
  const number = scalars[attribute.type as keyof typeof scalars] as number | undefined;
  return number !== undefined && absent.includes(number) && (attribute.value === 0 || attribute.value === '');
}

function writeValue(name: string, attribute: ValueAttribute): unknown {
  switch (attribute.type) {
    case 'float':
      return writableFloat(name, attribute.value);
    case 'int':
      return exactInteger(name, attribute.value, attribute.exact);
    case 'string':
      return encodeText(attribute.value);
    case 'bytes':
      return attribute.value;
    case 'tensor':
    case 'rawTensor':
      return writeTensor(undefined, attribute.value);
    case 'graph':
      return writeGraph(attribute.value);
    case 'floats':
      return attribute.value.map((value) => writableFloat(name, value));
    case 'ints':
      return attribute.value.map((value, at) => exactInteger(name, value, attribute.exact?.[at]));
    case 'strings':
      return attribute.value.map(encodeText);
    case 'tensors':
      return attribute.value.map((value) => writeTensor(undefined, value));
    case 'graphs':
      return attribute.value.map(writeGraph);
    case 'sparseTensor':
      return writeSparseTensor(undefined, attribute.value);
    case 'sparseTensors':
      return attribute.value.map((value) => writeSparseTensor(undefined, value));
    case 'typeProto':
      return writeEntries(typeEntries, [attribute.value], attribute, 14)[0];
    case 'typeProtos':
      return writeEntries(typeEntries, attribute.value, attribute, 15);
  }
}

/** The integer itself where it is given and still the one that `value` is nearest to. */
function exactInteger(name: string, value: number, exact: bigint | undefined): number | bigint {
  return exact !== undefined && Number(exact) === value ? exact : writableInteger(value, `attribute ${name}`);
}

function writableFloat(name: string, value: number): number {
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    throw new PerceptError('ONNX_MODEL_UNWRITABLE', `Expected a float32 for attribute ${name} but received ${value}`);
  }
  return value;
}
