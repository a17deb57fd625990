import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { PerceptError } from '@percept/core';
import type { Field, FieldKind, FieldTypes, Message, MessageTable } from './message.js';

const wireTypes: Record<FieldKind, WireType> = {
  int32: WireType.Varint,
  int64: WireType.Varint,
  uint64: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  message: WireType.LengthDelimited,
};

const readers: { [Kind in FieldKind]: (reader: BinaryReader) => FieldTypes[Kind] } = {
  int32: (reader) => reader.int32(),
  int64: (reader) => BigInt(reader.int64()),
  uint64: (reader) => BigInt(reader.uint64()),
  float: (reader) => reader.float(),
  double: (reader) => reader.double(),
  string: (reader) => reader.string(true),
  bytes: (reader) => reader.bytes(),
  message: (reader) => reader.bytes(),
};

/** A message and the fields (tag and payload, byte for byte) that its table does not name. */
export interface Decoded<Fields extends Record<string, Field>> {
  readonly fields: Message<Fields>;
  readonly unknown: Uint8Array[];
}

/**
 * Decodes one message. Of a field that is given twice the last value counts, as protocol buffers ask; a field whose wire
 * type is not its kind's counts as unknown. Throws plain errors on malformed bytes: callers wrap them.
 */
export function decodeMessage<Fields extends Record<string, Field>>(
  table: MessageTable<Fields>,
  bytes: Uint8Array,
): Decoded<Fields> {
  const values: Record<string, unknown> = {};
  for (const [name, field] of table.entries) values[name] = field.repeated ? [] : undefined;
  const unknown: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const known = table.byNumber.get(number);
    if (known !== undefined && wireType === wireTypes[known[1].kind]) {
      const [name, { kind, repeated }] = known;
      const value = readers[kind](reader);
      checkBounds(reader);
      if (repeated) values[name] = pushOne(values[name] as ArrayLike<unknown>, value);
      else values[name] = value;
    } else if (known?.[1].repeated && wireType === WireType.LengthDelimited) {
      const [name, { kind }] = known;
      values[name] = pushPacked(values[name] as ArrayLike<unknown>, kind, reader.bytes());
    } else {
      reader.skip(wireType, number);
      unknown.push(bytes.subarray(start, reader.pos));
    }
  }
  return { fields: values as Message<Fields>, unknown };
}

/** Varints and spans check their end themselves, a tag that ends the bytes does not. */
function checkBounds(reader: BinaryReader): void {
  if (reader.pos > reader.len) {
    throw new PerceptError(
      'ONNX_MODEL_MALFORMED',
      'Expected a serialized ONNX model but its bytes end inside a field. Check that the file is whole and not compressed',
    );
  }
}

function pushOne(list: ArrayLike<unknown>, value: unknown): unknown[] {
  const grown = Array.isArray(list) ? list : Array.from(list);
  grown.push(value);
  return grown;
}

/** Appends a packed run. Floats that come as one run, which is how weights are stored, become one typed array. */
function pushPacked(list: ArrayLike<unknown>, kind: FieldKind, packed: Uint8Array): ArrayLike<unknown> {
  if (list.length === 0 && kind === 'float' && packed.length % 4 === 0) {
    return new Float32Array(new Uint8Array(packed).buffer);
  }
  if (list.length === 0 && kind === 'double' && packed.length % 8 === 0) {
    return new Float64Array(new Uint8Array(packed).buffer);
  }
  const grown = Array.isArray(list) ? list : Array.from(list);
  const reader = new BinaryReader(packed);
  while (reader.pos < reader.len) grown.push(readers[kind](reader));
  checkBounds(reader);
  return grown;
}
