import { expect } from 'vitest';
import { updateObject } from '../../update.js';
import { type Case, fromText, keys, stream, text, withCode } from '../ground.js';

export const conditionsCases: readonly Case[] = [
  {
    title: 'creates with ifAbsent only what is not there',
    async run({ storage, need }) {
      need('ifAbsent');
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
    async run({ storage, need }) {
      need('ifAbsent');
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
    title: 'replaces with ifMatch only the version that is there',
    async run({ storage, need }) {
      need('ifMatch');
      const changed = withCode('STORAGE_CHANGED');
      const first = await storage.write('object', text('first'));
      expect(first.version).toBe((await storage.stat('object'))?.version);
      const second = await storage.write('object', text('second'), { ifMatch: first.version });
      expect(second.version).not.toBe(first.version);
      await expect(storage.write('object', text('third'), { ifMatch: first.version })).rejects.toThrow(changed);
      const streamed = stream(text('third'), text('!'));
      await expect(storage.write('object', streamed, { ifMatch: first.version })).rejects.toThrow(changed);
      expect(await storage.read('object', { ifMatch: second.version })).toEqual(text('second'));
      await expect(storage.read('object', { ifMatch: first.version })).rejects.toThrow(changed);
      await storage.delete('object');
      await expect(storage.write('object', text('third'), { ifMatch: second.version })).rejects.toThrow(changed);
      await expect(storage.write('never', text('x'), { ifMatch: second.version })).rejects.toThrow(changed);
      const both = { ifAbsent: true, ifMatch: second.version };
      await expect(storage.write('object', text('x'), both)).rejects.toThrow(withCode('INVALID_ARGUMENT'));
      expect(await keys(storage)).toEqual([]);
    },
  },
  {
    title: 'lets exactly one of many concurrent ifMatch writers win',
    async run({ storage, need }) {
      need('ifMatch');
      for (let round = 0; round < 3; round++) {
        const { version } = await storage.write('race', text(`round ${round}`));
        const results = await Promise.allSettled(
          Array.from({ length: 12 }, (_, index) => storage.write('race', Uint8Array.of(index), { ifMatch: version })),
        );
        const winner = results.findIndex((result) => result.status === 'fulfilled');
        const losers = results.filter((result) => result.status === 'rejected');
        expect(losers).toHaveLength(11);
        for (const loser of losers) expect(loser.reason).toEqual(withCode('STORAGE_CHANGED'));
        expect(await storage.read('race')).toEqual(Uint8Array.of(winner));
      }
    },
  },
  {
    title: 'counts without loss when many writers compare and set',
    async run({ storage, need }) {
      need('ifAbsent');
      need('ifMatch');
      const writers = 5;
      const steps = 6;
      const count = async () => {
        for (let step = 0; step < steps; step++) {
          await updateObject(storage, 'count', (bytes) => text(String(Number(bytes ? fromText(bytes) : 0) + 1)));
        }
      };
      await Promise.all(Array.from({ length: writers }, count));
      expect(fromText(await storage.read('count'))).toBe(String(writers * steps));
    },
  },
];
