// Protocol buffers driven by tables: a message is a table of field facts (number, kind, repeated), and one reader and
// one writer serve every table. Embedded messages are read as byte spans and decoded by whoever knows their table, so
// nothing is copied on the way down. What a parsed message would lose is kept beside it: unknown fields, and which
// fields are given although they hold their default.
import type { Kept } from '../wire-hints.js';
import { WireReader, wire } from './reader.js';
import type { Content, WireWriter } from './writer.js';

/** What a field's value is in JavaScript, by kind. */
interface FieldTypes {
  int32: number;
  /** A repeated one is a number where that is exact; a single one is a number, see `WireHints.exact`. */
  int64: number | bigint;
  float: number;
  string: string;
  bytes: Uint8Array;
  /** An embedded message: its bytes. */
  message: Uint8Array;
  /** A packed run of varints or of 4- or 8-byte numbers: its bytes. */
  varints: Uint8Array;
  floats: Uint8Array;
  doubles: Uint8Array;
}

export type FieldKind = keyof FieldTypes;

/** A field as the `.proto` file states it. A required one is written whatever it holds. */
export interface Field<Kind extends FieldKind = FieldKind, Repeated extends boolean = boolean> {
  readonly number: number;
  readonly kind: Kind;
  readonly repeated: Repeated;
  readonly required: boolean;
}

/** A message type: its fields by the name we use, and by number. */
export interface MessageTable<Fields extends Record<string, Field> = Record<string, Field>> {
  readonly fields: Fields;
  /** Descending by number. */
  readonly entries: readonly NamedField[];
  /** By number. */
  readonly byNumber: readonly (NamedField | undefined)[];
  /** Names of the repeated fields whose lists are handed out as they are. */
  readonly lists: readonly string[];
  /** A message without anything in it. */
  readonly blank: Readonly<Record<string, unknown>>;
}

/** The list of fields that are not given, where the list is only read. */
const nothing: readonly unknown[] = Object.freeze([]);

interface NamedField extends Field {
  readonly name: string;
}

/** A decoded message. Embedded messages and byte arrays are views of the bytes read. */
export type Message<Fields extends Record<string, Field>> = {
  [Name in keyof Fields]: Fields[Name] extends Field<infer Kind, infer Repeated>
    ? Repeated extends true
      ? FieldTypes[Kind][]
      : (Kind extends 'int64' ? number : FieldTypes[Kind]) | undefined
    : never;
};

/** What may be written: as decoded, but embedded messages may be written in place, and every field may be left out. */
export type Encodable<Fields extends Record<string, Field>> = {
  [Name in keyof Fields]?: Fields[Name] extends Field<infer Kind, infer Repeated>
    ? (Repeated extends true ? readonly EncodableType<Kind>[] : EncodableType<Kind>) | undefined
    : never;
};

type EncodableType<Kind extends FieldKind> = Kind extends 'message' ? Uint8Array | Content : FieldTypes[Kind];

/** A field that is given once at most; written only where it is not its default, unless `required`. */
export function one<Kind extends FieldKind>(number: number, kind: Kind, required = false): Field<Kind, false> {
  return { number, kind, repeated: false, required };
}

export function many<Kind extends FieldKind>(number: number, kind: Kind): Field<Kind, true> {
  return { number, kind, repeated: true, required: false };
}

export function messageTable<Fields extends Record<string, Field>>(fields: Fields): MessageTable<Fields> {
  const entries = Object.entries(fields)
    .map(([name, field]): NamedField => ({ name, ...field }))
    .sort((a, b) => b.number - a.number);
  const byNumber: NamedField[] = [];
  for (const entry of entries) byNumber[entry.number] = entry;
  return {
    fields,
    entries,
    byNumber,
    lists: entries
      .filter(({ repeated, kind }) => repeated && (kind === 'string' || kind === 'float'))
      .map(({ name }) => name),
    blank: Object.fromEntries(entries.map(({ name, repeated }) => [name, repeated ? nothing : undefined])),
  };
}

const wireTypes: Record<FieldKind, number> = {
  int32: wire.varint,
  int64: wire.varint,
  float: wire.fixed32,
  string: wire.delimited,
  bytes: wire.delimited,
  message: wire.delimited,
  varints: wire.delimited,
  floats: wire.delimited,
  doubles: wire.delimited,
};

/** Defaults of the kinds that a field may give explicitly. */
const defaults: Partial<FieldTypes> = { int32: 0, int64: 0, float: 0, string: '', bytes: new Uint8Array() };

/** The wire type of one element of a repeated number. */
const elementTypes: Partial<Record<FieldKind, number>> = {
  int32: wire.varint,
  int64: wire.varint,
  float: wire.fixed32,
  varints: wire.varint,
  floats: wire.fixed32,
  doubles: wire.fixed64,
};

/** A message's fields, and what has to be kept of it beside them. */
export interface Decoded<Fields extends Record<string, Field>> {
  readonly fields: Message<Fields>;
  readonly kept: Kept;
}

/**
 * Decodes one message. Of a number or text that is given twice the last counts, embedded messages are merged, repeated
 * numbers may be packed or not: as protocol buffers ask. A field of another wire type than its kind's counts as unknown.
 */
export function decodeMessage<Fields extends Record<string, Field>>(
  table: MessageTable<Fields>,
  bytes: Uint8Array,
): Decoded<Fields> {
  const values: Record<string, unknown> = { ...table.blank };
  for (const name of table.lists) values[name] = [];
  const kept: Kept = {};
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const start = reader.at;
    const tag = reader.tag();
    const field = table.byNumber[tag >>> 3];
    if (field === undefined || !readField(reader, tag & 7, field, values, kept)) {
      reader.skip(tag);
      kept.unknownFields ??= [];
      kept.unknownFields.push(bytes.subarray(start, reader.at));
    }
  }
  return { fields: values as Message<Fields>, kept };
}

/** Reads a field, or leaves it where its wire type is not that of its kind. */
function readField(
  reader: WireReader,
  type: number,
  field: NamedField,
  values: Record<string, unknown>,
  kept: Kept,
): boolean {
  const { name, kind, repeated } = field;
  if (type === wireTypes[kind]) {
    const value = readValue(reader, kind);
    if (repeated) push(values, name, value);
    else if (mergeable(kind)) values[name] = concatBytes(values[name] as Uint8Array | undefined, value as Uint8Array);
    else values[name] = keepExactness(kept, value, field);
    return true;
  }
  if (isPacked(kind) && type === elementTypes[kind]) {
    const start = reader.at;
    reader.skip(8 + type);
    values[name] = concatBytes(values[name] as Uint8Array | undefined, reader.bytes.subarray(start, reader.at));
    return true;
  }
  if (!repeated || type !== wire.delimited || elementTypes[kind] === undefined) return false;
  const run = new WireReader(reader.span());
  while (!run.done) push(values, name, readValue(run, kind));
  return true;
}

function push(values: Record<string, unknown>, name: string, value: unknown): void {
  if (values[name] === nothing) values[name] = [value];
  else (values[name] as unknown[]).push(value);
}

/** Notes of a single value what it alone will not tell: that a default is given, or the digits beyond 2^53. */
function keepExactness(kept: Kept, value: unknown, field: NamedField): unknown {
  if (typeof value === 'bigint') {
    kept.wire = { ...kept.wire, exact: { ...kept.wire?.exact, [field.number]: value } };
    return Number(value);
  }
  if (isDefault(value, field)) kept.wire = { ...kept.wire, explicit: [...(kept.wire?.explicit ?? []), field.number] };
  return value;
}

function readValue(reader: WireReader, kind: FieldKind): unknown {
  if (kind === 'int64') return reader.int64();
  if (kind === 'int32') return reader.int32();
  if (kind === 'float') return reader.float();
  return kind === 'string' ? reader.text() : reader.span();
}

function isPacked(kind: FieldKind): boolean {
  return kind === 'varints' || kind === 'floats' || kind === 'doubles';
}

function mergeable(kind: FieldKind): boolean {
  return kind === 'message' || isPacked(kind);
}

function concatBytes(first: Uint8Array | undefined, rest: Uint8Array): Uint8Array {
  if (first === undefined || first.length === 0) return rest;
  const both = new Uint8Array(first.length + rest.length);
  both.set(first);
  both.set(rest, first.length);
  return both;
}

/** Whether a number, text or byte array is given and holds its default. */
function isDefault(value: unknown, { kind, required }: Field): boolean {
  if (required || value === undefined || mergeable(kind)) return false;
  return Object.is(value, 0) || value === '' || (kind === 'bytes' && (value as Uint8Array).length === 0);
}

/** Writes one message: its fields ascending by number, defaults only where `kept` says so, then the unknown fields. */
export function encodeMessage<Fields extends Record<string, Field>>(
  writer: WireWriter,
  table: MessageTable<Fields>,
  message: Encodable<Fields>,
  kept: Kept = {},
): void {
  const unknown = kept.unknownFields ?? [];
  for (let index = unknown.length - 1; index >= 0; index--) writer.raw(unknown[index]!);
  const { explicit, exact } = kept.wire ?? {};
  for (const field of table.entries) {
    const isExplicit = explicit?.includes(field.number) ?? false;
    const value = (message[field.name] as unknown) ?? (isExplicit ? defaults[field.kind] : undefined);
    if (value === undefined) continue;
    if (field.repeated) {
      const items = value as readonly unknown[];
      for (let index = items.length - 1; index >= 0; index--) writeField(writer, field, items[index]);
    } else if (isExplicit || !isDefault(value, field)) {
      const wide = exact?.[field.number];
      if (isPacked(field.kind) && (value as Uint8Array).length === 0) continue;
      writeField(writer, field, wide !== undefined && Number(wide) === value ? wide : value);
    }
  }
}

function writeField(writer: WireWriter, { number, kind }: Field, value: unknown): void {
  if (kind === 'int64' || kind === 'int32') writer.int64(value as number | bigint);
  else if (kind === 'float') writer.float(value as number);
  else if (kind === 'string') {
    const before = writer.length;
    writer.text(value as string);
    writer.varint(writer.length - before);
  } else writer.delimited(value as Uint8Array | Content);
  writer.tag(number, wireTypes[kind]);
}
