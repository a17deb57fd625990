// Reads a TFLite file by the offsets of the schema (vtable offset = 4 + 2 · slot), apart from the code that writes it.
import { ByteBuffer } from 'flatbuffers';

/** What a file holds, as far as tests look at it. */
export interface TfliteContents {
  readonly identifier: string;
  readonly version: number;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly type: number;
    readonly data: Uint8Array | undefined;
    /** Where the data begins in the file. */
    readonly dataAt: number;
    readonly scales: readonly number[];
    readonly zeroPoints: readonly number[];
    readonly axis: number;
  }[];
  readonly operators: readonly {
    readonly code: number;
    readonly version: number;
    readonly inputs: readonly number[];
    readonly outputs: readonly number[];
    readonly optionsType: number;
    /** An int8 field of the options. */
    option(slot: number): number;
  }[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly signature: { readonly key: string; readonly inputs: readonly string[]; readonly outputs: readonly string[] };
}

/** Reads a file. */
export function readTflite(bytes: Uint8Array): TfliteContents {
  const bb = new ByteBuffer(bytes);
  const field = (table: number, slot: number) => {
    const offset = bb.__offset(table, 4 + 2 * slot);
    return offset === 0 ? 0 : table + offset;
  };
  const int32 = (table: number, slot: number, missing = 0) => {
    const at = field(table, slot);
    return at === 0 ? missing : bb.readInt32(at);
  };
  const int8 = (table: number, slot: number) => {
    const at = field(table, slot);
    return at === 0 ? 0 : bb.readInt8(at);
  };
  const child = (table: number, slot: number) => bb.__indirect(field(table, slot));
  const text = (table: number, slot: number) => bb.__string(field(table, slot)) as string;
  const vector = <T>(table: number, slot: number, size: number, read: (at: number) => T): T[] => {
    const at = field(table, slot);
    if (at === 0) return [];
    const start = bb.__vector(at);
    return Array.from({ length: bb.__vector_len(at) }, (_, index) => read(start + size * index));
  };
  const tables = (table: number, slot: number) => vector(table, slot, 4, (at) => bb.__indirect(at));
  const ints = (table: number, slot: number) => vector(table, slot, 4, (at) => bb.readInt32(at));
  const model = bb.readInt32(bb.position()) + bb.position();
  const codes = tables(model, 1).map((code) => ({ code: int32(code, 3), version: int32(code, 2, 1) }));
  const buffers = tables(model, 4).map((buffer) => {
    const at = field(buffer, 0);
    if (at === 0) return undefined;
    const start = bb.__vector(at);
    return { start, data: bytes.subarray(start, start + bb.__vector_len(at)) };
  });
  const [subgraph] = tables(model, 2) as [number];
  const [signature] = tables(model, 7) as [number];
  const names = (slot: number) => tables(signature, slot).map((map) => text(map, 0));
  return {
    identifier: bb.getBufferIdentifier(),
    version: int32(model, 0),
    description: text(model, 3),
    metadata: Object.fromEntries(
      tables(model, 6).map((entry) => [text(entry, 0), new TextDecoder().decode(buffers[int32(entry, 1)]!.data)]),
    ),
    tensors: tables(subgraph, 0).map((tensor) => {
      const buffer = buffers[int32(tensor, 2)];
      const quantization = field(tensor, 4) === 0 ? undefined : child(tensor, 4);
      const of = <T>(slot: number, size: number, read: (at: number) => T) =>
        quantization === undefined ? [] : vector(quantization, slot, size, read);
      return {
        name: text(tensor, 3),
        shape: ints(tensor, 0),
        type: int8(tensor, 1),
        data: buffer?.data,
        dataAt: buffer?.start ?? 0,
        scales: of(2, 4, (at) => bb.readFloat32(at)),
        zeroPoints: of(3, 8, (at) => Number(bb.readInt64(at))),
        axis: quantization === undefined ? 0 : int32(quantization, 6),
      };
    }),
    operators: tables(subgraph, 3).map((operator) => ({
      ...codes[int32(operator, 0)]!,
      inputs: ints(operator, 1),
      outputs: ints(operator, 2),
      optionsType: int8(operator, 3),
      option: (slot) => int8(child(operator, 4), slot),
    })),
    inputs: ints(subgraph, 1),
    outputs: ints(subgraph, 2),
    signature: { key: text(signature, 2), inputs: names(0), outputs: names(1) },
  };
}
