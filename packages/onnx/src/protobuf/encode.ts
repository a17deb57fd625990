import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Field, FieldKind, MessageTable } from './message.js';

/** Longest piece that is worth copying into the running buffer instead of keeping it as a chunk of its own. */
const inlineLimit = 1024;

/** Encoded bytes as a list of pieces, some of which are the caller's own buffers, not copied yet. */
export class Chunks {
  readonly pieces: Uint8Array[] = [];
  length = 0;

  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.pieces.push(piece);
    this.length += piece.length;
  }

  /** The pieces one after another, in a new array. */
  concat(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let offset = 0;
    for (const piece of this.pieces) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    return bytes;
  }
}

/** What may be written: as decoded, but embedded messages may be chunks, and every field may be left out. */
export type Encodable<Fields extends Record<string, Field>> = {
  [Name in keyof Fields]?: Fields[Name] extends Field<infer Kind, infer Repeated>
    ? (Repeated extends true ? ArrayLike<EncodableTypes[Kind]> : EncodableTypes[Kind]) | undefined
    : never;
};

interface EncodableTypes {
  int32: number;
  int64: bigint | number;
  uint64: bigint | number;
  float: number;
  double: number;
  string: string;
  bytes: Uint8Array;
  message: Uint8Array | Chunks;
}

type NumberKind = Exclude<FieldKind, 'string' | 'bytes' | 'message'>;

const wireTypes: Record<NumberKind, WireType> = {
  int32: WireType.Varint,
  int64: WireType.Varint,
  uint64: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
};

const writers: { [Kind in NumberKind]: (writer: BinaryWriter, value: EncodableTypes[Kind]) => void } = {
  int32: (writer, value) => writer.int32(value),
  int64: (writer, value) => writer.int64(value),
  uint64: (writer, value) => writer.uint64(value),
  float: (writer, value) => writer.float(value),
  double: (writer, value) => writer.double(value),
};

/** Encodes one message: its fields in the table's order (repeated numbers packed), then the unknown ones as they were. */
export function encodeMessage<Fields extends Record<string, Field>>(
  table: MessageTable<Fields>,
  message: Encodable<Fields>,
  unknown: readonly Uint8Array[] = [],
): Chunks {
  const encoder = new Encoder();
  for (const [name, field] of table.entries) {
    const value = message[name] as unknown;
    if (value === undefined) continue;
    if (!field.repeated) encoder.field(field, value);
    else if (isNumberKind(field.kind)) encoder.packed(field.number, field.kind, value as ArrayLike<unknown>);
    else for (const item of value as unknown[]) encoder.field(field, item);
  }
  for (const piece of unknown) encoder.raw(piece);
  return encoder.finish();
}

function isNumberKind(kind: FieldKind): kind is NumberKind {
  return kind in wireTypes;
}

class Encoder {
  readonly #chunks = new Chunks();
  readonly #writer = new BinaryWriter();

  field({ number, kind }: Field, value: unknown): void {
    if (isNumberKind(kind)) {
      this.#writer.tag(number, wireTypes[kind]);
      writers[kind](this.#writer, value as never);
    } else if (kind === 'string') {
      this.#writer.tag(number, WireType.LengthDelimited).string(value as string);
    } else {
      const content = value as Uint8Array | Chunks;
      this.#writer.tag(number, WireType.LengthDelimited).uint32(content.length);
      if (content instanceof Chunks) for (const piece of content.pieces) this.raw(piece);
      else this.raw(content);
    }
  }

  packed(number: number, kind: NumberKind, values: ArrayLike<unknown>): void {
    if (values.length === 0) return;
    this.#writer.tag(number, WireType.LengthDelimited).fork();
    for (let index = 0; index < values.length; index++) writers[kind](this.#writer, values[index] as never);
    this.#writer.join();
  }

  raw(piece: Uint8Array): void {
    if (piece.length <= inlineLimit) {
      this.#writer.raw(piece);
      return;
    }
    this.#chunks.push(this.#writer.finish());
    this.#chunks.push(piece);
  }

  finish(): Chunks {
    this.#chunks.push(this.#writer.finish());
    return this.#chunks;
  }
}
