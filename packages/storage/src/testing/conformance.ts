// What `storage.ts` promises, as a vitest suite that every backend runs. A backend that cannot do something names the
// tests that it skips, and why.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJson, writeJson } from '../json.js';
import type { Storage } from '../storage.js';

/** Tests that a backend cannot pass by its nature, and why. */
export interface StorageSkip {
  /** Shown beside the skipped tests. */
  readonly reason: string;
  /** Titles of the tests. An unknown title fails the suite, so that skips do not outlive their test. */
  readonly tests: readonly string[];
}

/** Options of {@link storageConformance}. */
export interface StorageConformanceOptions {
  /** Makes an empty storage before each test; `cleanup` runs after it. */
  create(): Promise<{ readonly storage: Storage; cleanup(): Promise<void> }>;
  /**
   * Puts objects where the backend reads them, for backends that cannot write. By default the storage itself writes.
   */
  readonly seed?: (storage: Storage, objects: Readonly<Record<string, Uint8Array>>) => Promise<void>;
  readonly skip?: readonly StorageSkip[];
}

interface Case {
  readonly title: string;
  run(storage: Storage, seed: (objects: Readonly<Record<string, Uint8Array>>) => Promise<void>): Promise<void>;
}

/** Bytes that differ at every position of a chunk and between chunks. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) * 13) & 0xff);
}

/** As `toEqual`, but quick on large arrays. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

async function* stream(...chunks: readonly (Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield chunk;
  }
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes: number[] = [];
  for await (const chunk of source) for (const byte of chunk) bytes.push(byte);
  return Uint8Array.from(bytes);
}

async function keys(storage: Storage, prefix?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of storage.list(prefix)) found.push(key);
  return found;
}

function withCode(code: string): unknown {
  return expect.objectContaining({ name: 'PerceptError', code });
}

const invalidKeys = ['', '/a', 'a/', 'a//b', '..', 'a/../b', './a', 'a\\b', 'a\0b', '.percept-tmp/a', 'x'.repeat(256)];

const cases: readonly Case[] = [
  {
    title: 'reads back what it was given, as bytes of its own',
    async run(storage, seed) {
      await seed({ 'a/b.bin': pattern(1000), empty: new Uint8Array() });
      const bytes = await storage.read('a/b.bin');
      expect(bytes).toEqual(pattern(1000));
      expect(bytes.constructor).toBe(Uint8Array);
      bytes.fill(0);
      expect(await storage.read('a/b.bin')).toEqual(pattern(1000));
      expect(await storage.read('empty')).toEqual(new Uint8Array());
    },
  },
  {
    title: 'streams large objects in chunks',
    async run(storage, seed) {
      await seed({ large: pattern(1_000_003) });
      let chunks = 0;
      const bytes = new Uint8Array(1_000_003);
      let at = 0;
      for await (const chunk of storage.readStream('large')) {
        expect(chunk.constructor).toBe(Uint8Array);
        bytes.set(chunk, at);
        at += chunk.length;
        chunks++;
      }
      expect(chunks).toBeGreaterThan(1);
      expect(sameBytes(bytes, pattern(1_000_003))).toBe(true);
    },
  },
  {
    title: 'reads ranges, clamped to the end',
    async run(storage, seed) {
      const all = pattern(300);
      await seed({ object: all });
      const ranges = [
        { start: 0 },
        { start: 0, end: 1 },
        { start: 299, end: 300 },
        { start: 17, end: 200 },
        { start: 250, end: 9999 },
        { start: 5, end: 5 },
        { start: 300 },
        { start: 300, end: 400 },
      ];
      for (const range of ranges) {
        const expected = all.slice(range.start, range.end);
        expect(await storage.read('object', { range }), JSON.stringify(range)).toEqual(expected);
        expect(await collect(storage.readStream('object', { range })), JSON.stringify(range)).toEqual(expected);
      }
    },
  },
  {
    title: 'refuses ranges that start beyond the end, or are none',
    async run(storage, seed) {
      await seed({ object: pattern(10) });
      const ranges = [{ start: 11 }, { start: 11, end: 20 }, { start: -1 }, { start: 3, end: 2 }, { start: 1.5 }];
      for (const range of ranges) {
        await expect(storage.read('object', { range })).rejects.toThrow(withCode('STORAGE_RANGE_INVALID'));
        await expect(collect(storage.readStream('object', { range }))).rejects.toThrow(
          withCode('STORAGE_RANGE_INVALID'),
        );
      }
    },
  },
  {
    title: 'says STORAGE_NOT_FOUND for what is not there',
    async run(storage, seed) {
      await seed({ 'folder/object': pattern(3) });
      for (const key of ['nothing', 'folder', 'folder/object/deeper']) {
        await expect(storage.read(key), key).rejects.toThrow(withCode('STORAGE_NOT_FOUND'));
        await expect(storage.read(key, { range: { start: 1, end: 1 } }), key).rejects.toThrow(
          withCode('STORAGE_NOT_FOUND'),
        );
        await expect(collect(storage.readStream(key)), key).rejects.toThrow(withCode('STORAGE_NOT_FOUND'));
        expect(await storage.stat(key), key).toBeUndefined();
      }
      expect(await readJson(storage, 'nothing')).toBeUndefined();
    },
  },
  {
    title: 'tells size and time',
    async run(storage, seed) {
      await seed({ object: pattern(123) });
      const info = await storage.stat('object');
      expect(info).toMatchObject({ key: 'object', size: 123 });
      if (info?.modified !== undefined) expect(Math.abs(info.modified - Date.now())).toBeLessThan(3_600_000);
    },
  },
  {
    title: 'takes Unicode and punctuation in keys as they are',
    async run(storage, seed) {
      const names = [
        '日本/図.png',
        '\u00e9',
        'e\u0301',
        '😀/a b',
        'a%2Fb',
        'a?b#c&d',
        '%',
        'x:y',
        '.hidden',
        '...',
        'a+b=c',
      ];
      const objects = Object.fromEntries(names.map((name, index) => [name, Uint8Array.of(index)]));
      await seed(objects);
      for (const [name, bytes] of Object.entries(objects)) {
        expect(await storage.read(name), name).toEqual(bytes);
        expect((await storage.stat(name))?.key).toBe(name);
      }
    },
  },
  {
    title: 'stops when the signal says so',
    async run(storage, seed) {
      await seed({ object: pattern(1_000_000) });
      const signal = AbortSignal.abort('enough');
      await expect(storage.read('object', { signal })).rejects.toThrow(withCode('ABORTED'));
      await expect(collect(storage.readStream('object', { signal }))).rejects.toThrow(withCode('ABORTED'));
      const controller = new AbortController();
      const reading = async () => {
        for await (const _ of storage.readStream('object', { signal: controller.signal })) controller.abort('enough');
      };
      await expect(reading()).rejects.toThrow(withCode('ABORTED'));
    },
  },
  {
    title: 'refuses keys that are not portable',
    async run(storage) {
      for (const key of invalidKeys) {
        const refusal = withCode('STORAGE_INVALID_KEY');
        await expect(storage.read(key), key).rejects.toThrow(refusal);
        await expect(collect(storage.readStream(key)), key).rejects.toThrow(refusal);
        await expect(storage.stat(key), key).rejects.toThrow(refusal);
      }
    },
  },
  {
    title: 'refuses unknown options',
    async run(storage, seed) {
      await seed({ object: pattern(3) });
      await expect(storage.read('object', { rang: {} } as object)).rejects.toThrow(withCode('INVALID_ARGUMENT'));
    },
  },
  {
    title: 'refuses to write or delete keys that are not portable',
    async run(storage) {
      for (const key of invalidKeys) {
        await expect(storage.write(key, pattern(1)), key).rejects.toThrow(withCode('STORAGE_INVALID_KEY'));
        await expect(storage.delete(key), key).rejects.toThrow(withCode('STORAGE_INVALID_KEY'));
      }
      expect(await keys(storage)).toEqual([]);
    },
  },
  {
    title: 'replaces objects, and tells what it wrote',
    async run(storage) {
      expect(await storage.write('a', pattern(5))).toMatchObject({ key: 'a', size: 5 });
      expect(await storage.write('a', text('new'))).toMatchObject({ key: 'a', size: 3 });
      expect(await storage.read('a')).toEqual(text('new'));
      expect(await keys(storage)).toEqual(['a']);
    },
  },
  {
    title: 'lets the caller reuse the buffers it wrote',
    async run(storage) {
      const buffer = new Uint8Array(4);
      async function* reused() {
        for (const value of [1, 2, 3]) {
          buffer.fill(value);
          yield buffer.subarray(0, value);
        }
      }
      await storage.write('streamed', reused());
      await storage.write('whole', buffer);
      buffer.fill(9);
      expect(await storage.read('streamed')).toEqual(Uint8Array.of(1, 2, 2, 3, 3, 3));
      expect(await storage.read('whole')).toEqual(Uint8Array.of(3, 3, 3, 3));
    },
  },
  {
    title: 'streams writes, also of nothing',
    async run(storage) {
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
    async run(storage) {
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
    async run(storage) {
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
    async run(storage) {
      const refusal = withCode('INVALID_ARGUMENT');
      await expect(storage.write('a', 'text' as unknown as Uint8Array)).rejects.toThrow(refusal);
      await expect(storage.write('a', stream('text' as unknown as Uint8Array))).rejects.toThrow(refusal);
      await expect(storage.write('a', text('x'), { ifAbsend: true } as object)).rejects.toThrow(refusal);
      expect(await keys(storage)).toEqual([]);
    },
  },
  {
    title: 'creates with ifAbsent only what is not there',
    async run(storage) {
      await storage.write('a/b', text('first'), { ifAbsent: true });
      const refusal = withCode('STORAGE_EXISTS');
      await expect(storage.write('a/b', text('second'), { ifAbsent: true })).rejects.toThrow(refusal);
      await expect(storage.write('a/b', stream(text('second')), { ifAbsent: true })).rejects.toThrow(refusal);
      expect(await storage.read('a/b')).toEqual(text('first'));
      await storage.delete('a/b');
      await storage.write('a/b', text('third'), { ifAbsent: true });
      expect(await storage.read('a/b')).toEqual(text('third'));
    },
  },
  {
    title: 'lets exactly one of many concurrent ifAbsent writers win',
    async run(storage) {
      const writes = Array.from({ length: 16 }, (_, index) =>
        storage.write('race', stream(Uint8Array.of(index), Uint8Array.of(index)), { ifAbsent: true }),
      );
      const results = await Promise.allSettled(writes);
      const winner = results.findIndex((result) => result.status === 'fulfilled');
      const losers = results.filter((result) => result.status === 'rejected');
      expect(losers).toHaveLength(15);
      for (const loser of losers) expect(loser.reason).toEqual(withCode('STORAGE_EXISTS'));
      expect(await storage.read('race')).toEqual(Uint8Array.of(winner, winner));
    },
  },
  {
    title: 'shows readers whole objects while others replace them',
    async run(storage) {
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
    title: 'refuses a key that would be object and folder at once',
    async run(storage) {
      await storage.write('a/b', text('x'));
      for (const ifAbsent of [false, true]) {
        await expect(storage.write('a', text('y'), { ifAbsent })).rejects.toThrow(withCode('STORAGE_KEY_CONFLICT'));
        await expect(storage.write('a/b/c', text('y'), { ifAbsent })).rejects.toThrow(withCode('STORAGE_KEY_CONFLICT'));
      }
      await storage.delete('a');
      expect(await keys(storage)).toEqual(['a/b']);
      await storage.delete('a/b');
      await storage.write('a', text('y'));
      expect(await keys(storage)).toEqual(['a']);
    },
  },
  {
    title: 'lists in code-unit order, by any prefix',
    async run(storage) {
      const names = [
        'a',
        'a b',
        'a!/x',
        'a-b',
        'a.txt',
        'a0',
        'b/c',
        'b/c.d/e',
        'b/c0',
        'b/d/e/f',
        'bc',
        'é',
        '日',
        '😀',
      ];
      for (const name of [...names].reverse()) await storage.write(name, text(name));
      expect(await keys(storage)).toEqual([...names].sort());
      for (const prefix of [
        '',
        'a',
        'a.',
        'b',
        'b/',
        'b/c',
        'b/c.',
        'b/d/e/',
        'b/d/e/f',
        'nothing',
        'b/c/',
        '.',
        '😀',
      ]) {
        expect(await keys(storage, prefix), prefix).toEqual(names.filter((name) => name.startsWith(prefix)).sort());
      }
      for await (const info of storage.list('a.')) expect(info).toMatchObject({ key: 'a.txt', size: 5 });
      for (const prefix of ['/', '../', 'a//', 'a\\']) {
        await expect(keys(storage, prefix), prefix).rejects.toThrow(withCode('STORAGE_INVALID_KEY'));
      }
    },
  },
  {
    title: 'lists while objects come and go',
    async run(storage) {
      for (let index = 0; index < 30; index++) await storage.write(`f${index % 3}/${index}`, text('x'));
      const seen: string[] = [];
      for await (const { key } of storage.list()) {
        seen.push(key);
        await storage.delete(key);
        await storage.write(`later/${seen.length}`, text('y'));
        if (seen.length > 100) break;
      }
      expect(seen.filter((key) => key.startsWith('f'))).toHaveLength(30);
    },
  },
  {
    title: 'deletes, once or twice',
    async run(storage) {
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
    async run(storage) {
      const value = { name: 'é', numbers: [1, 2.5, -0.1], nothing: null };
      await writeJson(storage, 'value.json', value, { ifAbsent: true });
      expect(await readJson(storage, 'value.json')).toEqual(value);
      await expect(writeJson(storage, 'value.json', 1, { ifAbsent: true })).rejects.toThrow(withCode('STORAGE_EXISTS'));
      await expect(writeJson(storage, 'x', () => {})).rejects.toThrow(withCode('INVALID_ARGUMENT'));
      await storage.write('broken.json', text('{"a":'));
      await expect(readJson(storage, 'broken.json')).rejects.toThrow(withCode('STORAGE_JSON_INVALID'));
      await storage.write('latin1.json', Uint8Array.of(0x22, 0xe9, 0x22));
      await expect(readJson(storage, 'latin1.json')).rejects.toThrow(withCode('STORAGE_JSON_INVALID'));
    },
  },
];

/** Runs the suite that every storage backend must pass. Call it at the top level of a vitest file. */
export function storageConformance(name: string, options: StorageConformanceOptions): void {
  const reasons = new Map(options.skip?.flatMap(({ reason, tests }) => tests.map((title) => [title, reason] as const)));

  describe(`storage conformance: ${name}`, () => {
    let storage: Storage;
    let cleanup: () => Promise<void>;

    beforeEach(async () => {
      ({ storage, cleanup } = await options.create());
    });
    afterEach(() => cleanup());

    const seed = async (objects: Readonly<Record<string, Uint8Array>>) => {
      if (options.seed !== undefined) return options.seed(storage, objects);
      for (const [key, bytes] of Object.entries(objects)) await storage.write(key, bytes);
    };

    for (const { title, run } of cases) {
      const reason = reasons.get(title);
      if (reason === undefined) it(title, () => run(storage, seed));
      else it.skip(`${title} (${reason})`, () => {});
    }

    it('skips only tests that exist', () => {
      expect([...reasons.keys()].filter((title) => !cases.some((test) => test.title === title))).toEqual([]);
    });
  });
}
