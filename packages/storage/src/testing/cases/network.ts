import { expect } from 'vitest';
import type { ResumableStorage } from '../../storage.js';
import { type Case, fromText, keys, pattern, sameBytes, sha256Hex, stream, text, withCode } from '../ground.js';

export const networkCases: readonly Case[] = [
  {
    title: 'continues a download whose connection is cut',
    async run({ storage, seed, needCutter }) {
      const cutter = needCutter();
      const bytes = pattern(3_000_000);
      await seed({ object: bytes });
      cutter.cutDownloads(2, 700_000);
      expect(sameBytes(await storage.read('object'), bytes)).toBe(true);
      cutter.cutDownloads(2, 700_000);
      let length = 0;
      for await (const chunk of storage.readStream('object', { range: { start: 1000 } })) {
        expect(sameBytes(chunk, bytes.subarray(1000 + length, 1000 + length + chunk.length))).toBe(true);
        length += chunk.length;
      }
      expect(length).toBe(bytes.length - 1000);
      expect(cutter.pending).toBe(0);
    },
  },
  {
    title: 'asks again when the connection is cut before the answer',
    async run({ storage, seed, needCutter }) {
      const cutter = needCutter();
      await seed({ 'a/object': pattern(10) });
      cutter.cutAnswers(1);
      expect((await storage.stat('a/object'))?.size).toBe(10);
      cutter.cutAnswers(1);
      expect(await storage.read('a/object')).toEqual(pattern(10));
      if (storage.capabilities.list) {
        cutter.cutAnswers(1);
        expect(await keys(storage, 'a/')).toEqual(['a/object']);
      }
      expect(cutter.pending).toBe(0);
    },
  },
  {
    title: 'explains a server that always cuts',
    async run({ storage, seed, needCutter }) {
      const cutter = needCutter();
      await seed({ object: pattern(10) });
      cutter.cutAnswers(1000);
      await expect(storage.read('object')).rejects.toThrow(withCode('STORAGE_FAILED'));
      await expect(storage.stat('object')).rejects.toThrow(withCode('STORAGE_FAILED'));
      if (storage.capabilities.list) await expect(keys(storage)).rejects.toThrow(withCode('STORAGE_FAILED'));
    },
  },
  {
    title: 'fetches a large object no faster than it is read',
    async run({ storage, seed, needCutter }) {
      const cutter = needCutter();
      await seed({ object: new Uint8Array(40_000_000) });
      const before = cutter.downloaded;
      for await (const _ of storage.readStream('object')) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        break;
      }
      expect(cutter.downloaded - before).toBeLessThan(20_000_000);
    },
  },
  {
    title: 'finishes a write whose connection is cut, and shows nothing half-written',
    async run({ storage, need, needCutter }) {
      need('write');
      const cutter = needCutter();
      const bytes = pattern(2_000_000);
      cutter.cutUploads(2, 500_000);
      await storage.write('object', bytes);
      expect(cutter.pending).toBe(0);
      expect(sameBytes(await storage.read('object'), bytes)).toBe(true);

      cutter.cutUploads(1000, 300_000);
      await expect(storage.write('object', stream(pattern(1_000_000)))).rejects.toThrow(withCode('STORAGE_FAILED'));
      await expect(storage.write('fresh', pattern(1_000_000))).rejects.toThrow(withCode('STORAGE_FAILED'));
      cutter.cutUploads(0, 0);
      expect(sameBytes(await storage.read('object'), bytes)).toBe(true);
      expect(await storage.stat('fresh')).toBeUndefined();
    },
  },
  {
    title: 'knows its own conditional write when the answer is lost',
    async run({ storage, need, needCutter }) {
      need('ifAbsent');
      const cutter = needCutter();
      cutter.cutAnswers(1);
      const info = await storage.write('once', text('mine'), { ifAbsent: true });
      expect(cutter.pending).toBe(0);
      expect(info.version).toBe((await storage.stat('once'))?.version);
      await expect(storage.write('once', text('theirs'), { ifAbsent: true })).rejects.toThrow(
        withCode('STORAGE_EXISTS'),
      );
      cutter.cutAnswers(1);
      await expect(storage.write('once', text('theirs'), { ifAbsent: true })).rejects.toThrow(
        withCode('STORAGE_EXISTS'),
      );
      need('ifMatch');
      cutter.cutAnswers(1);
      const second = await storage.write('once', text('mine again'), { ifMatch: info.version });
      expect(fromText(await storage.read('once', { ifMatch: second.version }))).toBe('mine again');
      cutter.cutAnswers(1);
      await expect(storage.write('once', text('late'), { ifMatch: info.version })).rejects.toThrow(
        withCode('STORAGE_CHANGED'),
      );
    },
  },
  {
    title: 'goes on with an upload that was stopped, and sends only what is missing',
    async run({ storage, need, needCutter }) {
      need('resume');
      const connection = needCutter();
      const resumable = storage as ResumableStorage;
      const bytes = new Uint8Array(40 * 1024 * 1024);
      for (let at = 0; at < bytes.length; at += 4096) bytes[at] = at / 4096;
      const sha256 = await sha256Hex(bytes);
      const controller = new AbortController();
      let session: string | undefined;
      const stopped = resumable.resumeWrite('large', bytes, {
        signal: controller.signal,
        onSession: (name) => {
          session = name;
        },
        onProgress: ({ done }) => {
          if (done >= bytes.length / 2) controller.abort();
        },
      });
      await expect(stopped).rejects.toThrow(withCode('ABORTED'));
      expect(session).toBeDefined();
      expect(await storage.stat('large')).toBeUndefined();
      expect(await keys(storage)).toEqual([]);

      let last = 0;
      const before = connection.uploaded;
      const info = await resumable.resumeWrite('large', new Blob([bytes]), {
        session,
        sha256,
        ifAbsent: storage.capabilities.ifAbsent,
        onProgress: ({ done }) => {
          last = done;
        },
      });
      expect(info.size).toBe(bytes.length);
      expect(last).toBe(bytes.length);
      expect(connection.uploaded - before).toBeLessThan(0.8 * bytes.length);
      expect(sameBytes(await storage.read('large'), bytes)).toBe(true);
    },
  },
  {
    title: 'sends again what has changed since an upload was stopped',
    async run({ storage, need }) {
      need('resume');
      const resumable = storage as ResumableStorage;
      const bytes = new Uint8Array(33 * 1024 * 1024);
      const controller = new AbortController();
      let session: string | undefined;
      const stopped = resumable.resumeWrite('large', bytes, {
        signal: controller.signal,
        onSession: (name) => {
          session = name;
        },
        onProgress: ({ done }) => {
          if (done >= bytes.length / 2) controller.abort();
        },
      });
      await expect(stopped).rejects.toThrow(withCode('ABORTED'));
      bytes.fill(7);
      await resumable.resumeWrite('large', bytes, { session, sha256: await sha256Hex(bytes) });
      const found = await storage.read('large');
      expect(found.length).toBe(bytes.length);
      expect(found.every((byte) => byte === 7)).toBe(true);
    },
  },
];
