import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cloneModel } from './clone-model.js';
import { readModel } from './read-model.js';

const goldens = new URL('../../../test/goldens/onnx/models.json', import.meta.url);
const bytes = new Uint8Array(Buffer.from(JSON.parse(readFileSync(goldens, 'utf8')).everything.bytes, 'base64'));

/** Every object, list and map inside, but not the contents of typed arrays. */
function* containers(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  yield value;
  const inner = value instanceof Map ? value.values() : Object.values(value);
  for (const item of inner) yield* containers(item);
}

it('cloneModel copies every container but shares tensors', () => {
  const model = readModel(bytes);
  const clone = cloneModel(model);
  expect(clone).toEqual(model);
  const tensors = new Set<object>();
  for (const container of containers(model)) {
    if ('dims' in container && ('data' in container || 'raw' in container))
      for (const inner of containers(container)) tensors.add(inner);
  }
  const originals = new Set(containers(model));
  const shared = [...containers(clone)].filter((container) => originals.has(container) && !tensors.has(container));
  expect(shared).toEqual([]);
  expect(clone.graph.initializers.get('float32_raw')).toBe(model.graph.initializers.get('float32_raw'));
});
