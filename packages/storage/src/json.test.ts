import { describe, expect, it } from 'vitest';
import { memoryStorage } from './backends/memory.js';
import { readJson, writeJson } from './json.js';

describe('readJson and writeJson', () => {
  it('name the object that is no JSON, and keep the reason', async () => {
    const storage = memoryStorage();
    await storage.write('index.json', new TextEncoder().encode('{"shards":'));
    await expect(readJson(storage, 'index.json')).rejects.toThrow(
      expect.objectContaining({
        code: 'STORAGE_JSON_INVALID',
        message: expect.stringContaining('"index.json" of memory'),
        cause: expect.any(SyntaxError),
      }),
    );
  });

  it('refuse what JSON cannot express', async () => {
    const storage = memoryStorage();
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    for (const value of [undefined, () => {}, 1n, cycle]) {
      await expect(writeJson(storage, 'a.json', value)).rejects.toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
    expect(await readJson(storage, 'a.json')).toBeUndefined();
  });

  it('pass on failures that are not about JSON', async () => {
    const signal = AbortSignal.abort();
    await expect(readJson(memoryStorage(), 'a.json', { signal })).rejects.toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    );
  });
});
