import { expect } from 'vitest';
import { readJson } from '../../json.js';
import { type Case, collect, pattern, sameBytes, sha256Hex, withCode } from '../ground.js';

export const readingCases: readonly Case[] = [
  {
    title: 'reads back what it was given, as bytes of its own',
    async run({ storage, seed }) {
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
    async run({ storage, seed }) {
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
    async run({ storage, seed }) {
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
    async run({ storage, seed }) {
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
    async run({ storage, seed }) {
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
    async run({ storage, seed }) {
      await seed({ object: pattern(123) });
      const info = await storage.stat('object');
      expect(info).toMatchObject({ key: 'object', size: 123 });
      expect((await storage.stat('object'))?.version).toBe(info?.version);
      if (info?.modified !== undefined) expect(Math.abs(info.modified - Date.now())).toBeLessThan(3_600_000);
    },
  },
  {
    title: 'stops when the signal says so',
    async run({ storage, seed }) {
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
    title: 'refuses unknown options',
    async run({ storage, seed }) {
      await seed({ object: pattern(3) });
      await expect(storage.read('object', { rang: {} } as object)).rejects.toThrow(withCode('INVALID_ARGUMENT'));
    },
  },
  {
    title: 'checks the SHA-256 of what it reads whole',
    async run({ storage, seed }) {
      await seed({ object: pattern(300_000) });
      const sha256 = await sha256Hex(pattern(300_000));
      expect(sameBytes(await storage.read('object', { sha256 }), pattern(300_000))).toBe(true);
      expect((await collect(storage.readStream('object', { sha256: sha256.toUpperCase() }))).length).toBe(300_000);
      const wrong = { sha256: sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) };
      await expect(storage.read('object', wrong)).rejects.toThrow(withCode('STORAGE_CHECKSUM_MISMATCH'));
      await expect(collect(storage.readStream('object', wrong))).rejects.toThrow(withCode('STORAGE_CHECKSUM_MISMATCH'));
      for (const options of [{ sha256: 'abc' }, { sha256, range: { start: 0, end: 3 } }]) {
        await expect(storage.read('object', options)).rejects.toThrow(withCode('INVALID_ARGUMENT'));
      }
    },
  },
  {
    title: 'reads the version that it is asked for, whole and in parts',
    async run({ storage, seed }) {
      await seed({ object: pattern(3000) });
      const version = (await storage.stat('object'))?.version;
      if (version === undefined) return;
      for (const range of [undefined, { start: 10, end: 20 }, { start: 5, end: 5 }, { start: 3000 }]) {
        const bytes = await storage.read('object', { range, ifMatch: version });
        expect(bytes).toEqual(pattern(3000).slice(range?.start, range?.end));
      }
      const other = { ifMatch: '"00000000000000000000000000000000"' };
      await expect(storage.read('object', other)).rejects.toThrow(withCode('STORAGE_CHANGED'));
      await expect(collect(storage.readStream('object', other))).rejects.toThrow(withCode('STORAGE_CHANGED'));
    },
  },
  {
    title: 'lets a slow reader take its time, and an early one leave',
    async run({ storage, seed }) {
      await seed({ object: pattern(3_000_000) });
      let length = 0;
      for await (const chunk of storage.readStream('object')) {
        length += chunk.length;
        if (length < 400_000) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(length).toBe(3_000_000);
      for (let round = 0; round < 20; round++) {
        for await (const chunk of storage.readStream('object', { range: { start: round } })) {
          expect(chunk[0]).toBe(pattern(round + 1)[round]);
          break;
        }
      }
      expect((await storage.read('object', { range: { start: 0, end: 3 } })).length).toBe(3);
    },
  },
];
