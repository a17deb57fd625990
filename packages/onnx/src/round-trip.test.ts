import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { keyedRandom, type Random } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { cloneModel } from './clone-model.js';
import { WireReader } from './protobuf/reader.js';
import { encodeBytes } from './protobuf/writer.js';
import { readModel } from './read-model.js';
import { writeModel } from './write-model.js';

/** Every model of the ONNX backend tests, see test/goldens/onnx/backend-models.py. */
function* recordedModels(): Generator<{ name: string; bytes: Uint8Array }> {
  const pack = new Uint8Array(
    brotliDecompressSync(readFileSync(new URL('../../../test/goldens/onnx/backend-models.br', import.meta.url))),
  );
  const view = new DataView(pack.buffer, pack.byteOffset);
  const records: Uint8Array[] = [];
  for (let at = 0; at < pack.length; ) {
    const length = view.getUint32(at, true);
    records.push(pack.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const { names } = JSON.parse(new TextDecoder().decode(records[0])) as { names: string[] };
  for (const [at, name] of names.entries()) yield { name, bytes: records[at + 1]! };
}

/** Models in which every field of every message is given, see test/goldens/onnx/every-field.py. */
const everyField = (
  JSON.parse(readFileSync(new URL('../../../test/goldens/onnx/every-field.json', import.meta.url), 'utf8')) as {
    models: string[];
  }
).models.map((text) => new Uint8Array(Buffer.from(text, 'base64')));

/** The messages inside a message, by field number: a model's graph, its nodes and tensors, their attributes. */
interface Inner {
  readonly [field: number]: Inner;
}
const inner: Inner = { 7: { 1: { 5: {} }, 5: {}, 11: {}, 12: {}, 13: {} }, 25: { 7: { 5: {} } } };

/** The same message with its fields in another order; entries of one field keep theirs. */
function shuffled(bytes: Uint8Array, random: Random, within: Inner): Uint8Array {
  const reader = new WireReader(bytes);
  const fields: { rank: number; bytes: Uint8Array }[] = [];
  const ranks = new Map<number, number>();
  while (!reader.done) {
    const start = reader.at;
    const tag = reader.tag();
    const rank = ranks.get(tag >>> 3) ?? random.float();
    ranks.set(tag >>> 3, rank);
    const deeper = within[tag >>> 3];
    if (deeper === undefined) {
      reader.skip(tag);
      fields.push({ rank, bytes: bytes.subarray(start, reader.at) });
    } else {
      const content = shuffled(reader.span(), random, deeper);
      fields.push({
        rank,
        bytes: encodeBytes((writer) => {
          writer.delimited(content);
          writer.varint(tag);
        }),
      });
    }
  }
  return new Uint8Array(Buffer.concat(fields.sort((a, b) => a.rank - b.rank).map((field) => field.bytes)));
}

/** Parts of a model that were kept as bytes, not understood. */
function* opaqueParts(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if ('unknownFields' in value || ('type' in value && value.type === 'opaque')) yield value;
  for (const inner of value instanceof Map ? value.values() : Object.values(value)) yield* opaqueParts(inner);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

describe('a model that is read and written', () => {
  it('is the same bytes for every model of the ONNX backend tests', () => {
    const models = [...recordedModels()];
    expect(models.length).toBeGreaterThan(2000);
    const changed = models.filter(({ bytes }) => !same(writeModel(readModel(bytes)), bytes));
    expect(changed.map(({ name }) => name)).toEqual([]);
  });

  it('is the same bytes, and nothing of it unknown, where every field of the format is given', () => {
    for (const [index, bytes] of everyField.entries()) {
      const model = readModel(bytes);
      expect([...opaqueParts(model)], `model ${index}`).toEqual([]);
      expect(same(writeModel(model), bytes), `model ${index}`).toBe(true);
      expect(same(writeModel(cloneModel(model)), bytes), `model ${index}`).toBe(true);
    }
  });

  it('is the same model where the source has its fields in another order', () => {
    for (const [index, { name, bytes }] of [...recordedModels()].entries()) {
      if (index % 8 !== 0) continue;
      const written = writeModel(readModel(shuffled(bytes, keyedRandom(name), inner)));
      expect(same(written, bytes), name).toBe(true);
    }
  });

  it('is the same bytes for a copy of it', () => {
    const changed = [...recordedModels()].filter(({ bytes }) => !same(writeModel(cloneModel(readModel(bytes))), bytes));
    expect(changed.map(({ name }) => name)).toEqual([]);
  });

  const data = process.env.PERCEPT_DATA;
  const models =
    data === undefined || !existsSync(data)
      ? []
      : readdirSync(join(data, 'models'), { recursive: true, encoding: 'utf8' }).filter((file) =>
          file.endsWith('.onnx'),
        );

  it.skipIf(models.length === 0)(
    'is the same bytes for published models (needs PERCEPT_DATA, a folder of test data)',
    () => {
      for (const file of models) {
        const bytes = new Uint8Array(readFileSync(join(data!, 'models', file)));
        expect(same(writeModel(readModel(bytes)), bytes), file).toBe(true);
      }
    },
  );
});
