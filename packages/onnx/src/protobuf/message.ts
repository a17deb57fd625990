// Protocol buffers driven by tables: a message is a table of field facts (number, kind, repeated), and one reader and
// one writer serve every table. Embedded messages are read as byte spans and decoded by whoever knows their table, so
// nothing is copied on the way down; they are written as chunks, so big payloads are copied once, at the very end.

/** What a field's value is in JavaScript, by kind. Embedded messages are their bytes. */
export interface FieldTypes {
  int32: number;
  int64: bigint;
  uint64: bigint;
  float: number;
  double: number;
  string: string;
  bytes: Uint8Array;
  message: Uint8Array;
}

export type FieldKind = keyof FieldTypes;

/** A field as the `.proto` file states it. */
export interface Field<Kind extends FieldKind = FieldKind, Repeated extends boolean = boolean> {
  readonly number: number;
  readonly kind: Kind;
  readonly repeated: Repeated;
}

/** A message type: its fields by the name we use, and by number. */
export interface MessageTable<Fields extends Record<string, Field> = Record<string, Field>> {
  readonly fields: Fields;
  readonly entries: readonly (readonly [string, Field])[];
  readonly byNumber: ReadonlyMap<number, readonly [string, Field]>;
}

/** A decoded message. Repeated floats and doubles may be a view of the bytes read. */
export type Message<Fields extends Record<string, Field>> = {
  [Name in keyof Fields]: Fields[Name] extends Field<infer Kind, infer Repeated>
    ? Repeated extends true
      ? Kind extends 'float' | 'double'
        ? ArrayLike<number>
        : FieldTypes[Kind][]
      : FieldTypes[Kind] | undefined
    : never;
};

export function one<Kind extends FieldKind>(number: number, kind: Kind): Field<Kind, false> {
  return { number, kind, repeated: false };
}

export function many<Kind extends FieldKind>(number: number, kind: Kind): Field<Kind, true> {
  return { number, kind, repeated: true };
}

export function messageTable<Fields extends Record<string, Field>>(fields: Fields): MessageTable<Fields> {
  const entries = Object.entries(fields);
  return { fields, entries, byNumber: new Map(entries.map((entry) => [entry[1].number, entry])) };
}
