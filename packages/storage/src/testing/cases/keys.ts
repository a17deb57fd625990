import { expect } from 'vitest';
import { compareKeys } from '../../key-order.js';
import { type Case, collect, keys, pattern, text, withCode } from '../ground.js';

const invalidKeys = ['', '/a', 'a/', 'a//b', '..', 'a/../b', './a', 'a\\b', 'a\0b', '.percept-tmp/a', 'x'.repeat(256)];

/** Names that escape, decode, compare or print in unexpected ways. */
const hostileKeys = [
  '日本/図.png',
  '\u00e9',
  'e\u0301',
  '😀/a b',
  '\uff21',
  'a%2Fb',
  '%2e%2e/%2e',
  '%00',
  '%',
  '%zz',
  'a?b#c&d',
  'a+b=c',
  'a b',
  ' a',
  'x:y',
  'C:',
  '.hidden',
  '...',
  '..a',
  'quote\'"`',
  '<Key>&amp;</Key>',
  '~!*()[]{}|^@$,;',
  'tab\tline\nfeed',
  '\u202egpj.exe',
  'http:/host/path',
  'con.txt',
  'constructor',
  '__proto__/x',
];

export const keysCases: readonly Case[] = [
  {
    title: 'takes Unicode, punctuation and what looks like an escape in keys as they are',
    async run({ storage, seed }) {
      const names = [...hostileKeys];
      const objects = Object.fromEntries(names.map((name, index) => [name, Uint8Array.of(index)]));
      await seed(objects);
      for (const [name, bytes] of Object.entries(objects)) {
        expect(await storage.read(name), name).toEqual(bytes);
        expect((await storage.stat(name))?.key).toBe(name);
      }
      if (storage.capabilities.list) expect(await keys(storage)).toEqual([...names].sort(compareKeys));
      if (!storage.capabilities.write) return;
      for (const name of names) await storage.delete(name);
      for (const name of names) expect(await storage.stat(name), name).toBeUndefined();
    },
  },
  {
    title: 'refuses keys that are not portable',
    async run({ storage }) {
      for (const key of invalidKeys) {
        const refusal = withCode('STORAGE_INVALID_KEY');
        await expect(storage.read(key), key).rejects.toThrow(refusal);
        await expect(collect(storage.readStream(key)), key).rejects.toThrow(refusal);
        await expect(storage.stat(key), key).rejects.toThrow(refusal);
      }
    },
  },
  {
    title: 'refuses to write or delete keys that are not portable',
    async run({ storage }) {
      for (const key of invalidKeys) {
        await expect(storage.write(key, pattern(1)), key).rejects.toThrow(withCode('STORAGE_INVALID_KEY'));
        await expect(storage.delete(key), key).rejects.toThrow(withCode('STORAGE_INVALID_KEY'));
      }
      if (storage.capabilities.list) expect(await keys(storage)).toEqual([]);
    },
  },
  {
    title: 'refuses a key that would be object and folder at once',
    async run({ storage, need }) {
      need('write');
      need('exclusiveFolders');
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
    title: 'tells apart names that differ only in case, and keys that a file system would mix up',
    async run({ storage, seed }) {
      const names = ['Readme', 'README', 'readme', 'ß', 'SS', 'ss', 'İ', 'i'];
      await seed(Object.fromEntries(names.map((name) => [name, text(name)])));
      for (const name of names) expect(await storage.read(name), name).toEqual(text(name));
    },
  },
  {
    title: 'takes keys of up to 1,024 bytes',
    async run({ storage, seed }) {
      const ascii = `${Array(4).fill('k'.repeat(255)).join('/')}`.slice(0, 1024);
      const wide = `${Array(4).fill('日'.repeat(85)).join('/')}`;
      for (const key of [`${ascii.slice(0, 1020)}/end`, wide]) {
        await seed({ [key]: text(key) });
        expect(await storage.read(key)).toEqual(text(key));
      }
      await expect(storage.stat(`${wide}/too long`)).rejects.toThrow(withCode('STORAGE_INVALID_KEY'));
    },
  },
];
