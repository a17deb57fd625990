import type { Tracker } from '@percept/core';
import { memoryStorage } from '@percept/storage/backends/memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv, writeCsv } from './csv.js';
import { consoleTracker, csvTracker, manyTrackers } from './index.js';

const textOf = async (storage: ReturnType<typeof memoryStorage>, key: string) =>
  new TextDecoder().decode(await storage.read(key));

describe('csvTracker', () => {
  it('keeps a row for each step, with columns that come later and values that are logged again', async () => {
    const storage = memoryStorage();
    const tracker = csvTracker({ storage, key: 'runs/a' });
    await tracker.logParams({ optimizer: 'adam, fast', rate: 0.1 });
    await tracker.logMetrics({ loss: 2, 'a "b"': 1 }, 1);
    await tracker.logMetrics({ loss: Number.NaN }, 3);
    await tracker.logMetrics({ loss: 0.5, accuracy: -Infinity }, 2);
    const resumed = csvTracker({ storage, key: 'runs/a/' });
    await resumed.logParams({ optimizer: 'adam, fast', epochs: 4 });
    await resumed.logMetrics({ loss: 0.25 }, 3);
    await resumed.logMetrics({ seconds: 1e-7 }, 3);
    expect(await textOf(storage, 'runs/a/metrics.csv')).toBe(
      'step,loss,"a ""b""",accuracy,seconds\n1,2,1,,\n2,0.5,,-Infinity,\n3,0.25,,,1e-7\n',
    );
    expect(await textOf(storage, 'runs/a/params.csv')).toBe('name,value\noptimizer,"adam, fast"\nrate,0.1\nepochs,4\n');
    await resumed.logArtifact('models/best.onnx', new Uint8Array([1, 2]));
    expect(await storage.read('runs/a/models/best.onnx')).toEqual(new Uint8Array([1, 2]));
  });

  it('refuses other values of parameters, also after a restart, and files that are not its own', async () => {
    const storage = memoryStorage();
    await csvTracker({ storage, key: 'r' }).logParams({ rate: 0.1 });
    const again = csvTracker({ storage, key: 'r' });
    await expect(again.logParams({ rate: 0.2 })).rejects.toMatchObject({ code: 'TRAIN_PARAM_CONFLICT' });
    await expect(again.logMetrics({ step: 1 }, 0)).rejects.toThrow(/other names than step/);
    await expect(again.logArtifact('params.csv', new Uint8Array())).rejects.toThrow(/another path/);
    for (const text of ['a,b\n1,2\n', 'step,loss\n1,x\n', 'step,loss\n1\n', 'step,a,a\n', '"step', 'step\n-1\n']) {
      await storage.write('r/metrics.csv', new TextEncoder().encode(text));
      const foreign = csvTracker({ storage, key: 'r' });
      await expect(foreign.logMetrics({ loss: 1 }, 0)).rejects.toMatchObject({ code: 'TRAIN_LOG_INVALID' });
      expect(await textOf(storage, 'r/metrics.csv')).toBe(text);
    }
    await storage.delete('r/metrics.csv');
    await again.logMetrics({ loss: 1 }, 0);
    expect(() => csvTracker({ storage, key: '' })).toThrow(/key/);
  });

  it('is the same after any order of steps, restarts and calls at once', async () => {
    const step = fc.integer({ min: 0, max: 6 });
    const entry = fc.tuple(step, fc.constantFrom('loss', 'x,y'), fc.double(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (entries) => {
        const storage = memoryStorage();
        let tracker = csvTracker({ storage, key: 'r' });
        const expected = new Map<string, number>();
        const going: Promise<void>[] = [];
        for (const [at, name, value, restart] of entries) {
          if (restart) {
            await Promise.all(going.splice(0));
            tracker = csvTracker({ storage, key: 'r' });
          }
          going.push(tracker.logMetrics({ [name]: value }, at));
          expected.set(`${at} ${name}`, value);
        }
        await Promise.all(going);
        if (entries.length === 0) return;
        const [header, ...rows] = readCsv(await textOf(storage, 'r/metrics.csv'))!;
        const found = new Map<string, number>();
        for (const [at, ...fields] of rows) {
          for (const [i, field] of fields.entries()) {
            if (field !== '') found.set(`${at} ${header![i + 1]}`, Number(field));
          }
        }
        const plain = (map: Map<string, number>) =>
          [...map].map(([key, value]) => [key, value + 0]).sort(([a], [b]) => (a! < b! ? -1 : 1));
        expect(plain(found)).toEqual(plain(expected));
      }),
      { numRuns: 60 },
    );
  });
});

describe('CSV', () => {
  it('gives back any fields, and ends with any text', () => {
    const rows = fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), { maxLength: 4 });
    const notOneEmptyField = (table: string[][]) => table.every((row) => row.length > 1 || row[0] !== '');
    fc.assert(
      fc.property(rows.filter(notOneEmptyField), (table) => {
        expect(readCsv(writeCsv(table))).toEqual(table);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r') }), (text) => {
        expect(Array.isArray(readCsv(text)) || readCsv(text) === undefined).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('consoleTracker', () => {
  it('prints a line for each call', async () => {
    const lines: string[] = [];
    const tracker = consoleTracker({ output: { log: (line) => lines.push(line) } });
    await tracker.logParams({ optimizer: 'adam', seed: 1 });
    await tracker.logParams({ seed: 1 });
    await tracker.logMetrics({ loss: 0.123456, images: 12345, rate: 1e-5 }, 3);
    await tracker.logArtifact('model.onnx', new Uint8Array(7));
    expect(lines).toEqual([
      'params  optimizer=adam  seed=1',
      'epoch 3  loss=0.1235  images=12345  rate=0.00001',
      'file  model.onnx  7 bytes',
    ]);
    await expect(tracker.logParams({ seed: 2 })).rejects.toMatchObject({ code: 'TRAIN_PARAM_CONFLICT' });
    expect(() => consoleTracker({ output: {} as never })).toThrow(/log/);
  });
});

describe('manyTrackers', () => {
  it('tells all of them, also when one fails', async () => {
    const told: string[] = [];
    const tracker = (name: string, fails = false): Tracker => {
      const tell = (what: string) => async () => {
        told.push(`${name} ${what}`);
        if (fails) throw new Error(`${name} failed`);
      };
      return { logParams: tell('params'), logMetrics: tell('metrics'), logArtifact: tell('artifact') };
    };
    await manyTrackers(tracker('a'), tracker('b')).logParams({});
    const failing = manyTrackers(tracker('c', true), tracker('d'));
    await expect(failing.logMetrics({}, 1)).rejects.toThrow('c failed');
    await expect(failing.logArtifact('x', new Uint8Array())).rejects.toThrow('c failed');
    expect(told).toEqual(['a params', 'b params', 'c metrics', 'd metrics', 'c artifact', 'd artifact']);
    expect(() => manyTrackers(tracker('a'), undefined as never)).toThrow(/number 2/);
  });
});
