import { expect } from 'vitest';
import { compareKeys } from '../../key-order.js';
import { type Case, keys, text, withCode } from '../ground.js';

export const listingCases: readonly Case[] = [
  {
    title: 'lists in code-point order, by any prefix',
    async run({ storage, seed, need }) {
      need('list');
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
        '\uff21',
        '😀',
      ];
      await seed(Object.fromEntries([...names].reverse().map((name) => [name, new Uint8Array(5)])));
      expect(await keys(storage)).toEqual([...names].sort(compareKeys));
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
        expect(await keys(storage, prefix), prefix).toEqual(
          names.filter((name) => name.startsWith(prefix)).sort(compareKeys),
        );
      }
      for await (const info of storage.list('a.')) expect(info).toMatchObject({ key: 'a.txt', size: 5 });
      for (const prefix of ['/', '../', 'a//', 'a\\']) {
        await expect(keys(storage, prefix), prefix).rejects.toThrow(withCode('STORAGE_INVALID_KEY'));
      }
    },
  },
  {
    title: 'lists while objects come and go',
    async run({ storage, need }) {
      need('list');
      need('write');
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
    title: 'lists thousands of objects, each once',
    async run({ storage, listed, seed, need }) {
      need('list');
      const names = Array.from({ length: listed }, (_, index) => `page/${(index * 7919) % listed}.bin`);
      await seed(Object.fromEntries(names.map((name, index) => [name, new Uint8Array(index % 3)])));
      expect(await keys(storage)).toEqual([...names].sort(compareKeys));
      expect(await keys(storage, 'page/12')).toEqual(
        names.filter((name) => name.startsWith('page/12')).sort(compareKeys),
      );
      const controller = new AbortController();
      const listing = async () => {
        for await (const _ of storage.list('', { signal: controller.signal })) controller.abort();
      };
      await expect(listing()).rejects.toThrow(withCode('ABORTED'));
    },
  },
];
