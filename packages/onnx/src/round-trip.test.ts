import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cloneModel } from './clone-model.js';
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
