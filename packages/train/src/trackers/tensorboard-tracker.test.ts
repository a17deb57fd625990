import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tracker } from '@percept/core';
import { memoryStorage } from '@percept/storage/backends/memory';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { frameRecord } from './record-framing.js';
import { tensorboardTracker } from './tensorboard-tracker.node.js';

interface Golden {
  readonly seconds: number;
  readonly params: Record<string, string>;
  readonly metrics: Record<string, number | null>[];
  readonly picture: string;
  readonly files: Record<string, string>;
  readonly readFirst: { scalars: Record<string, [number, number | null][]> };
  readonly readBoth: { scalars: Record<string, [number, number | null][]> };
  readonly checksums: [data: string, masked: number][];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/tensorboard-files.json', import.meta.url), 'utf8'),
);
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

/** What the recorded first and second file tell. */
async function firstRun(tracker: Tracker): Promise<void> {
  await tracker.logParams({ optimizer: 'adam', 'a|b': 1 });
  for (const [i, step] of [0, 1, 300].entries()) {
    const metrics = Object.entries(golden.metrics[i]!).map(([tag, value]) => [tag, value ?? Number.NaN]);
    await tracker.logMetrics(Object.fromEntries(metrics), step);
  }
  await tracker.logArtifact('plots/loss.png', bytesOf(golden.picture));
}
async function secondRun(tracker: Tracker): Promise<void> {
  await tracker.logMetrics({ trainLoss: 0.5 }, 1);
  await tracker.logMetrics({ trainLoss: 0.25 }, 2 ** 40);
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'percept-tensorboard-'));
  vi.useFakeTimers({ toFake: ['Date'], now: golden.seconds * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

describe('tensorboardTracker', () => {
  it('writes byte for byte what TensorBoard writes, and its reader has read', async () => {
    const storage = memoryStorage();
    await firstRun(tensorboardTracker({ storage, key: 'runs/a' }));
    await secondRun(tensorboardTracker({ storage, key: 'runs/a/' }));
    for (const [name, base64] of Object.entries(golden.files)) {
      expect(await storage.read(`runs/a/${name}`)).toEqual(bytesOf(base64));
    }
    expect(await storage.read('runs/a/plots/loss.png')).toEqual(bytesOf(golden.picture));
    // What the recording tells of the files: the run that went on took the place of later steps.
    expect(golden.readFirst.scalars.trainLoss!.map(([step]) => step)).toEqual([0, 1, 300]);
    expect(golden.readBoth.scalars.trainLoss).toEqual([
      [0, 1.5],
      [1, 0.5],
      [2 ** 40, 0.25],
    ]);
  });

  it('appends to the same bytes in a directory', async () => {
    const run = join(directory, 'run');
    const tracker = tensorboardTracker({ directory: run });
    await tracker.logParams({ optimizer: 'adam', 'a|b': 1 });
    const [name] = readdirSync(run);
    const before = readFileSync(join(run, name!));
    await firstRun(tracker);
    await secondRun(tensorboardTracker({ directory: run }));
    const names = readdirSync(run).filter((each) => each.startsWith('events'));
    expect(names).toHaveLength(2);
    expect(names[0]).toMatch(/^events\.out\.tfevents\.1700000000\..+\.\d+$/);
    const files = names.map((each) => new Uint8Array(readFileSync(join(run, each))));
    expect(files).toEqual(Object.values(golden.files).map(bytesOf));
    expect(Buffer.from(files[0]!.subarray(0, before.length))).toEqual(before);
    expect(readFileSync(join(run, 'plots/loss.png'))).toEqual(Buffer.from(golden.picture, 'base64'));
  });

  it('keeps the order of calls that do not wait for each other', async () => {
    const [one, other] = [memoryStorage(), memoryStorage()];
    const waiting = tensorboardTracker({ storage: one, key: 'r' });
    const hasty = tensorboardTracker({ storage: other, key: 'r' });
    for (let step = 0; step < 20; step++) await waiting.logMetrics({ a: step, b: -step }, step);
    await Promise.all(Array.from({ length: 20 }, (_, step) => hasty.logMetrics({ a: step, b: -step }, step)));
    const name = 'r/events.out.tfevents.1700000000.percept';
    expect(await other.read(name)).toEqual(await one.read(name));
  });

  it('tries again what a storage could not write', async () => {
    const storage = memoryStorage();
    const { write } = storage;
    let full = true;
    storage.write = async (...args) => {
      if (full) throw new Error('full');
      return write.apply(storage, args);
    };
    const tracker = tensorboardTracker({ storage, key: 'r' });
    await expect(tracker.logMetrics({ a: 1 }, 0)).rejects.toThrow('full');
    full = false;
    await tracker.logMetrics({ a: 1 }, 0);
    const whole = await storage.read('r/events.out.tfevents.1700000000.percept');
    expect(whole.length).toBeGreaterThan(60);
  });

  it('refuses what the contract does not allow', async () => {
    const tracker = tensorboardTracker({ storage: memoryStorage(), key: 'r' });
    await tracker.logParams({ rate: 0.1 });
    await tracker.logParams({ rate: 0.1 });
    await expect(tracker.logParams({ more: 1, rate: 0.2 })).rejects.toMatchObject({ code: 'TRAIN_PARAM_CONFLICT' });
    await tracker.logParams({ more: 2 });
    for (const step of [-1, 0.5, Number.NaN]) {
      await expect(tracker.logMetrics({ a: 1 }, step)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    await expect(tracker.logMetrics({ a: 'x' as never }, 0)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(tracker.logArtifact('../x', new Uint8Array(1))).rejects.toMatchObject({ code: 'STORAGE_INVALID_KEY' });
    await expect(tracker.logArtifact('a.tfevents.1', new Uint8Array(1))).rejects.toThrow(/without tfevents/);
    expect(() => tensorboardTracker({} as never)).toThrow(/directory/);
    writeFileSync(join(directory, 'file'), '');
    const lost = tensorboardTracker({ directory: join(directory, 'file') });
    await expect(lost.logMetrics({ a: 1 }, 0)).rejects.toMatchObject({ code: 'TRAIN_LOG_FAILED' });
  });
});

describe('frameRecord', () => {
  it('has the checksums of TensorBoard', () => {
    for (const [data, masked] of golden.checksums) {
      const bytes = bytesOf(data);
      const record = frameRecord(bytes);
      expect(new DataView(record.buffer).getUint32(12 + bytes.length, true)).toBe(masked);
    }
  });

  it('gives back any records, and shows every flipped bit', () => {
    const records = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 0, max: 7 }), (datas, place, bit) => {
        const file = new Uint8Array(Buffer.concat(datas.map((data) => frameRecord(data))));
        expect(unframed(file)).toEqual(datas);
        file[place % file.length]! ^= 1 << bit;
        expect(unframed(file)).toBeUndefined();
      }),
    );
  });
});

/** The records of a file, read bit by bit as the definition of the checksum says; `undefined` when one is damaged. */
function unframed(file: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(file.buffer);
  const datas: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    if (masked(file.subarray(at, at + 8)) !== view.getUint32(at + 8, true)) return undefined;
    const length = Number(view.getBigUint64(at, true));
    const data = file.slice(at + 12, at + 12 + length);
    if (masked(data) !== view.getUint32(at + 12 + length, true)) return undefined;
    datas.push(data);
    at += 16 + length;
  }
  return datas;
}

/** CRC-32C as a division of polynomials over GF(2), then TFRecord's mask, in BigInt. */
function masked(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
}
