// Parts of a model that are simpler here than in the file (a record for a list of entries): how the file spells them is
// kept where we would spell them otherwise, and counts for as long as they are not edited.

import { decodeMessage, encodeMessage } from './protobuf/message.js';
import { operatorSetIdProto, stringStringEntryProto } from './protobuf/onnx-tables.js';
import { malformed } from './protobuf/reader.js';
import { type Content, encodeBytes } from './protobuf/writer.js';
import { safeInteger, writableInteger } from './safe-integer.js';
import type { Kept } from './wire-hints.js';

/** How the entries of a field are read and written. */
export interface EntriesCodec<Value> {
  read(entries: readonly Uint8Array[]): Value;
  write(value: Value): Content[];
}

/** Reads the entries of a field, and keeps them where writing the value would give others. */
export function readEntries<Value>(
  codec: EntriesCodec<Value>,
  entries: Uint8Array[],
  kept: Kept,
  field: number,
): Value {
  const value = codec.read(entries);
  if (!sameEntries(entries, codec.write(value))) {
    kept.wire = { ...kept.wire, entries: { ...kept.wire?.entries, [field]: entries } };
  }
  return value;
}

/** The entries to write for a value: those that were read where they still mean the same. */
export function writeEntries<Value>(
  codec: EntriesCodec<Value>,
  value: Value,
  kept: Kept,
  field: number,
): readonly (Uint8Array | Content)[] {
  const ours = codec.write(value);
  const original = kept.wire?.entries?.[field];
  if (original === undefined) return ours;
  const before = codec.write(codec.read(original)).map(encodeBytes);
  return sameEntries(before, ours) ? original : ours;
}

function sameEntries(entries: readonly Uint8Array[], contents: readonly Content[]): boolean {
  return (
    entries.length === contents.length && entries.every((entry, at) => sameBytes(entry, encodeBytes(contents[at]!)))
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Pairs of texts (StringStringEntryProto). */
export const pairEntries: EntriesCodec<[string, string][]> = {
  read: (entries) =>
    entries.map((entry) => {
      const { key, value } = decodeMessage(stringStringEntryProto, entry).fields;
      return [key ?? '', value ?? ''];
    }),
  write: (pairs) =>
    pairs.map(
      ([key, value]) =>
        (writer) =>
          encodeMessage(writer, stringStringEntryProto, { key, value }),
    ),
};

/** Texts by key, such as `metadata_props`. */
export const recordEntries: EntriesCodec<Record<string, string>> = {
  read: (entries) => Object.fromEntries(pairEntries.read(entries)),
  write: (record) => pairEntries.write(Object.entries(record)),
};

/** Operator sets by domain. */
export const opsetEntries: EntriesCodec<Record<string, number>> = {
  read: (entries) =>
    Object.fromEntries(
      entries.map((entry) => {
        const { domain, version } = decodeMessage(operatorSetIdProto, entry).fields;
        return [readDomain(domain), safeInteger(version ?? 0, 'an opset version')];
      }),
    ),
  write: (opsets) =>
    Object.entries(opsets).map(
      ([domain, version]) =>
        (writer) =>
          encodeMessage(writer, operatorSetIdProto, { domain, version: writableInteger(version, `opset ${domain}`) }),
    ),
};

/** `metadata_props`, where there are any. */
export function readMetadataProps(
  entries: Uint8Array[],
  kept: Kept,
  field: number,
): { metadata?: Record<string, string> } {
  return entries.length === 0 ? {} : { metadata: readEntries(recordEntries, entries, kept, field) };
}

/** The standard operators' domain has two names, of which we use the shorter. */
function readDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

/** A domain as text, its name kept where it is the longer. */
export function keepDomain(domain: string | undefined, kept: Kept, field: number): string {
  if (domain === 'ai.onnx') kept.wire = { ...kept.wire, entries: { ...kept.wire?.entries, [field]: [] } };
  return readDomain(domain);
}

/** The inverse of {@link keepDomain}. */
export function spellDomain(domain: string, kept: Kept, field: number): string {
  return domain === '' && kept.wire?.entries?.[field] ? 'ai.onnx' : domain;
}

/** Notes the order of named parts where the containers here give them in another; refuses a name twice. */
export function keepOrder(names: readonly string[], given: readonly string[], kept: Kept, what: string): void {
  if (names.length === given.length && names.every((name, at) => name === given[at])) return;
  if (given.length < names.length) {
    const twice = names.find((name, at) => names.indexOf(name) < at)!;
    throw malformed(`it has two ${what} named ${JSON.stringify(twice)}`);
  }
  kept.wire = { ...kept.wire, order: [...names] };
}

/** Named parts in the order of the file; those that it does not have come last. */
export function inOrder<Item>(items: [string, Item][], kept: Kept): [string, Item][] {
  const order = kept.wire?.order;
  if (order === undefined) return items;
  const ranks = new Map(order.map((name, at) => [name, at]));
  const rank = ([name]: [string, Item]): number => ranks.get(name) ?? order.length;
  return items.toSorted((a, b) => rank(a) - rank(b));
}
