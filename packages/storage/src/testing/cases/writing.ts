import { expect } from 'vitest';
import { readJson, writeJson } from '../../json.js';
import { type Case, collect, keys, pattern, sameBytes, sha256Hex, stream, text, withCode } from '../ground.js';

export const writingCases: readonly Case[] = [
  {
    title: 'replaces objects, and tells what it wrote',
    async run({ storage, need }) {
      need('write');
      expect(await storage.write('a', pattern(5))).toMatchObject({ key: 'a', size: 5 });
      expect(await storage.write('a', text('new'))).toMatchObject({ key: 'a', size: 3 });
      expect(await storage.read('a')).toEqual(text('new'));
      expect(await keys(storage)).toEqual(['a']);
    },
  },
  {
    title: 'lets the caller reuse the buffers it wrote',
    async run({ storage, need }) {
      need('write');
      const buffer = new Uint8Array(4);
      async function* reused() {
        for (const value of [1, 2, 3]) {
          buffer.fill(value);
          yield buffer.subarray(0, value);
        }
      }
      await storage.write('streamed', reused());
      await storage.write('whole', buffer);
      const pooled = typeof Buffer === 'undefined' ? buffer : Buffer.from(buffer);
      await storage.write('pooled', pooled);
      buffer.fill(9);
      pooled.fill(9);
      expect(await storage.read('pooled')).toEqual(Uint8Array.of(3, 3, 3, 3));
      expect(await storage.read('streamed')).toEqual(Uint8Array.of(1, 2, 2, 3, 3, 3));
      expect(await storage.read('whole')).toEqual(Uint8Array.of(3, 3, 3, 3));
    },
  },
  {
    title: 'streams writes, also of nothing',
    async run({ storage, need }) {
      need('write');
      expect(await storage.write('two', stream(pattern(300_000), new Uint8Array(), text('end')))).toMatchObject({
        size: 300_003,
      });
      expect((await storage.read('two', { range: { start: 300_000 } })).length).toBe(3);
      await storage.write('none', stream());
      expect(await storage.read('none')).toEqual(new Uint8Array());
    },
  },
  {
    title: 'keeps the old object when the source fails, and throws what it threw',
    async run({ storage, need }) {
      need('write');
      await storage.write('kept', text('old'));
      const failure = Object.assign(new Error('source'), { code: 'ENOENT' });
      await expect(storage.write('kept', stream(text('ne'), failure))).rejects.toBe(failure);
      await expect(storage.write('fresh', stream(text('ne'), failure))).rejects.toBe(failure);
      expect(await storage.read('kept')).toEqual(text('old'));
      expect(await keys(storage)).toEqual(['kept']);
    },
  },
  {
    title: 'keeps the old object when a write is aborted, also while its source is silent',
    async run({ storage, need }) {
      need('write');
      await storage.write('kept', text('old'));
      await expect(storage.write('kept', text('new'), { signal: AbortSignal.abort() })).rejects.toThrow(
        withCode('ABORTED'),
      );
      const controller = new AbortController();
      async function* silent() {
        yield text('ne');
        setTimeout(() => controller.abort(), 10);
        await new Promise(() => {});
      }
      await expect(storage.write('kept', silent(), { signal: controller.signal })).rejects.toThrow(withCode('ABORTED'));
      expect(await storage.read('kept')).toEqual(text('old'));
      expect(await keys(storage)).toEqual(['kept']);
    },
  },
  {
    title: 'refuses data that is not bytes',
    async run({ storage, need }) {
      need('write');
      const refusal = withCode('INVALID_ARGUMENT');
      await expect(storage.write('a', 'text' as unknown as Uint8Array)).rejects.toThrow(refusal);
      await expect(storage.write('a', stream('text' as unknown as Uint8Array))).rejects.toThrow(refusal);
      await expect(storage.write('a', text('x'), { ifAbsend: true } as object)).rejects.toThrow(refusal);
      expect(await keys(storage)).toEqual([]);
    },
  },
  {
    title: 'shows readers whole objects while others replace them',
    async run({ storage, need }) {
      need('write');
      const size = 200_000;
      const versionOf = (value: number) => new Uint8Array(size).fill(value);
      await storage.write('hot', versionOf(0));
      const writer = (async () => {
        for (let value = 1; value <= 8; value++) await storage.write('hot', versionOf(value));
      })();
      for (let reads = 0; reads < 12; reads++) {
        const bytes = reads % 2 === 0 ? await storage.read('hot') : await collect(storage.readStream('hot'));
        expect(bytes.length).toBe(size);
        expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
      }
      await writer;
    },
  },
  {
    title: 'deletes, once or twice',
    async run({ storage, need }) {
      need('write');
      await storage.write('a/b', text('x'));
      await storage.write('a/c', text('x'));
      await storage.delete('a/b');
      await storage.delete('a/b');
      await storage.delete('nothing/at/all');
      expect(await keys(storage)).toEqual(['a/c']);
      expect(await storage.stat('a/b')).toBeUndefined();
    },
  },
  {
    title: 'keeps JSON',
    async run({ storage, need }) {
      need('write');
      const value = { name: 'é', numbers: [1, 2.5, -0.1], nothing: null };
      await writeJson(storage, 'value.json', value);
      expect(await readJson(storage, 'value.json')).toEqual(value);
      await expect(writeJson(storage, 'x', () => {})).rejects.toThrow(withCode('INVALID_ARGUMENT'));
      await storage.write('broken.json', text('{"a":'));
      await expect(readJson(storage, 'broken.json')).rejects.toThrow(withCode('STORAGE_JSON_INVALID'));
      await storage.write('latin1.json', Uint8Array.of(0x22, 0xe9, 0x22));
      await expect(readJson(storage, 'latin1.json')).rejects.toThrow(withCode('STORAGE_JSON_INVALID'));
    },
  },
  {
    title: 'writes only what has the SHA-256 that was meant',
    async run({ storage, need }) {
      need('write');
      const sha256 = await sha256Hex(pattern(100_000));
      const wrong = await sha256Hex(pattern(99_999));
      expect((await storage.write('a', pattern(100_000), { sha256 })).sha256 ?? sha256).toBe(sha256);
      await storage.write('b', stream(pattern(100_000).subarray(0, 7), pattern(100_000).subarray(7)), { sha256 });
      expect((await storage.stat('b'))?.sha256 ?? sha256).toBe(sha256);
      const refusal = withCode('STORAGE_CHECKSUM_MISMATCH');
      await expect(storage.write('a', pattern(100_000), { sha256: wrong })).rejects.toThrow(refusal);
      await expect(storage.write('c', stream(pattern(100_000)), { sha256: wrong })).rejects.toThrow(refusal);
      expect(sameBytes(await storage.read('a'), pattern(100_000))).toBe(true);
      expect(await storage.stat('c')).toBeUndefined();
    },
  },
  {
    title: 'pulls a stream while it stores it, and never two chunks at once',
    async run({ storage, need }) {
      need('write');
      let pulling = 0;
      const source: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]() {
          let index = 0;
          return {
            async next() {
              expect(++pulling).toBe(1);
              await new Promise((resolve) => setTimeout(resolve, 1));
              pulling--;
              return index < 50
                ? { done: false, value: new Uint8Array(10_000).fill(index++) }
                : { done: true, value: undefined };
            },
          };
        },
      };
      await storage.write('object', source);
      const bytes = await storage.read('object');
      expect(bytes.length).toBe(500_000);
      expect(bytes.every((byte, at) => byte === Math.floor(at / 10_000))).toBe(true);
    },
  },
  {
    title: 'does what its capabilities say, and rejects the rest as documented',
    async run({ storage }) {
      const { write, list, ifAbsent, ifMatch } = storage.capabilities;
      if (!write) {
        await expect(storage.write('a', text('x'))).rejects.toThrow(withCode('STORAGE_READ_ONLY'));
        await expect(storage.delete('a')).rejects.toThrow(withCode('STORAGE_READ_ONLY'));
        expect(ifAbsent || ifMatch).toBe(false);
      }
      if (!list) await expect(keys(storage)).rejects.toThrow(withCode('STORAGE_UNSUPPORTED'));
      const refusal = withCode(write ? 'STORAGE_UNSUPPORTED' : 'STORAGE_READ_ONLY');
      if (!ifAbsent) await expect(storage.write('a', text('x'), { ifAbsent: true })).rejects.toThrow(refusal);
      if (!ifMatch) await expect(storage.write('a', text('x'), { ifMatch: '"1"' })).rejects.toThrow(refusal);
      expect('resumeWrite' in storage).toBe(storage.capabilities.resume);
      expect(await storage.stat('a')).toBeUndefined();
    },
  },
];
