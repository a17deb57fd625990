import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PerceptError, type Sample } from '@percept/core';
import { type Storage, writeJson } from '@percept/storage';
import { fsStorage } from '@percept/storage/backends/fs';
import { httpStorage } from '@percept/storage/backends/http';
import { memoryStorage } from '@percept/storage/backends/memory';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openShards } from './open-shards.js';
import { packShards } from './pack-shards.js';
import { memorySource } from './source.js';

function makeSamples(count: number, size = 100): Sample[] {
  return Array.from({ length: count }, (_, at) => ({
    key: `k/${at}.x`,
    label: at % 2,
    extension: 'png',
    image: new Uint8Array(size + (at % 7)).fill(at),
  }));
}

const classes = ['even', 'odd'];
const source = memorySource(classes, makeSamples(25));

async function contents(storage: Storage): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { key } of storage.list()) found.set(key, Buffer.from(await storage.read(key)).toString('latin1'));
  return found;
}

describe('packShards', () => {
  it('packs what openShards reads again, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ image: fc.uint8Array({ maxLength: 1500 }), label: fc.nat(1) }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 20_000 }),
        async (rows, maxSamples, maxBytes) => {
          const samples = rows.map((row, at) => ({ ...row, key: `ключ ${at}.jpg`, extension: 'jpg' }));
          const storage = memoryStorage();
          const index = await packShards(memorySource(classes, samples), storage, {
            prefix: 'p',
            maxSamples,
            maxBytes,
          });
          expect(index.samples).toBe(samples.length);
          for (const shard of index.shards) {
            expect(shard.samples).toBeLessThanOrEqual(maxSamples);
            if (shard.samples > 1) expect(shard.bytes).toBeLessThanOrEqual(maxBytes);
            expect((await storage.stat(shard.key))?.size).toBe(shard.bytes);
          }
          const opened = await openShards(storage, 'p');
          expect(opened.classes).toEqual(classes);
          expect(await Promise.all(samples.map((_, at) => opened.read(at)))).toEqual(samples);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('tells progress to the end and writes nothing when called again', async () => {
    const storage = memoryStorage();
    const seen: number[] = [];
    const options = { prefix: 'p', maxSamples: 10, onProgress: ({ done }: { done: number }) => seen.push(done) };
    const first = await packShards(source, storage, options);
    expect(first.shards.map((shard) => shard.samples)).toEqual([10, 10, 5]);
    expect([seen[0], seen.at(-1)]).toEqual([0, 25]);
    const readOnly: Storage = {
      ...storage,
      write: () => Promise.reject(new PerceptError('STORAGE_READ_ONLY', 'no writes')),
    };
    expect(await packShards(source, readOnly, options)).toEqual(first);
  });

  it('goes on after any failed write and ends with the same bytes', async () => {
    const whole = memoryStorage();
    await packShards(source, whole, { prefix: 'p', maxSamples: 4 });
    const expected = await contents(whole);
    for (let writes = 0; writes < expected.size; writes++) {
      const storage = memoryStorage();
      let left = writes;
      const full: Storage = {
        ...storage,
        write: (key, data, options) =>
          left-- > 0
            ? storage.write(key, data, options)
            : Promise.reject(new PerceptError('STORAGE_FULL', 'disk full')),
      };
      await expect(packShards(source, full, { prefix: 'p', maxSamples: 4 })).rejects.toMatchObject({
        code: 'STORAGE_FULL',
      });
      await expect(openShards(storage, 'p')).rejects.toMatchObject({ code: 'DATA_SHARDS_NOT_FOUND' });
      await packShards(source, storage, { prefix: 'p', maxSamples: 4 });
      expect(await contents(storage)).toEqual(expected);
    }
  });

  it('stops at its signal and goes on later', async () => {
    const storage = memoryStorage();
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }): void => {
      if (done === 12) controller.abort();
    };
    const options = { prefix: 'p', maxSamples: 5, signal: controller.signal, onProgress };
    await expect(packShards(source, storage, options)).rejects.toMatchObject({ code: 'ABORTED' });
    await packShards(source, storage, { prefix: 'p', maxSamples: 5 });
    expect((await openShards(storage, 'p')).length).toBe(25);
  });

  it('packs a shard again when its tar file is gone or cut off', async () => {
    const storage = memoryStorage();
    await packShards(source, storage, { prefix: 'p', maxSamples: 10 });
    const before = await contents(storage);
    const tar = await storage.read('p/shard-000001.tar');
    await storage.write('p/shard-000001.tar', tar.subarray(0, 600));
    await packShards(source, storage, { prefix: 'p', maxSamples: 10 });
    expect(await contents(storage)).toEqual(before);
  });

  it('refuses a prefix that holds another dataset', async () => {
    const storage = memoryStorage();
    await packShards(source, storage, { prefix: 'p', maxSamples: 10 });
    const others = [
      packShards(source, storage, { prefix: 'p', maxSamples: 9 }),
      packShards(memorySource(classes, makeSamples(15)), storage, { prefix: 'p', maxSamples: 10 }),
      packShards(memorySource(classes, makeSamples(25, 101)), storage, { prefix: 'p', maxSamples: 10 }),
      packShards(memorySource(['odd', 'even'], makeSamples(25)), storage, { prefix: 'p', maxSamples: 10 }),
    ];
    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'DATA_PREFIX_IN_USE' });
  });

  it('refuses samples that a shard cannot hold', async () => {
    const good = makeSamples(1)[0]!;
    const cases: [Sample[], string][] = [
      [[{ ...good, key: '' }], 'DATA_SAMPLE_INVALID'],
      [[{ ...good, label: 2 }], 'DATA_SAMPLE_INVALID'],
      [[{ ...good, extension: 'PNG' }], 'DATA_SAMPLE_INVALID'],
      [[{ ...good, extension: 'cls' }], 'DATA_SAMPLE_INVALID'],
      [[good, good], 'DATA_DUPLICATE_KEY'],
    ];
    for (const [samples, code] of cases) {
      const packed = packShards(memorySource(classes, samples), memoryStorage(), { prefix: 'p' });
      await expect(packed).rejects.toMatchObject({ code });
    }
    const options = { prefix: '/p' };
    await expect(packShards(source, memoryStorage(), options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('openShards', () => {
  it('reads a shard of small images as a whole once it is read often', async () => {
    const samples = makeSamples(200);
    const storage = memoryStorage();
    await packShards(memorySource(classes, samples), storage, { prefix: 'p', maxSamples: 100 });
    let reads = 0;
    const counting: Storage = {
      ...storage,
      read: (key, options) => {
        reads++;
        return storage.read(key, options);
      },
    };
    const opened = await openShards(counting, 'p');
    for (let pass = 0; pass < 2; pass++) {
      for (const [at, sample] of samples.entries()) expect(await opened.read(at)).toEqual(sample);
    }
    expect(reads).toBeLessThan(30);
  });

  it('says that a shard is shorter than its index', async () => {
    const storage = memoryStorage();
    await packShards(source, storage, { prefix: 'p' });
    await storage.write('p/shard-000000.tar', (await storage.read('p/shard-000000.tar')).subarray(0, 2000));
    const opened = await openShards(storage, 'p');
    await opened.read(0);
    for (let at = 1; at < 24; at++) {
      await expect(opened.read(at)).rejects.toMatchObject({ code: 'DATA_SHARD_TRUNCATED' });
    }
  });

  it('asks a web server for no more than the images', async () => {
    const storage = memoryStorage();
    const samples = makeSamples(25, 5000);
    await packShards(memorySource(classes, samples), storage, { prefix: 'p' });
    const ranges: (string | undefined)[] = [];
    const server = createServer(async (request, response) => {
      const key = request.url!.slice(1);
      const body = await storage.read(key);
      if (key.endsWith('.tar')) ranges.push(request.headers.range);
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
      if (range === null) return response.end(body);
      const [start, end] = [Number(range[1]), Number(range[2])];
      response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${body.length}` });
      return response.end(body.subarray(start, end + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const opened = await openShards(httpStorage(`http://127.0.0.1:${port}/`), 'p');
      expect(await opened.read(20)).toEqual(samples[20]);
      expect(ranges).toHaveLength(1);
      const [start, end] = ranges[0]!.slice('bytes='.length).split('-').map(Number);
      expect(end! - start! + 1).toBe(samples[20]!.image.length);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('answers any damage to the index with its own errors', async () => {
    const storage = memoryStorage();
    await packShards(source, storage, { prefix: 'p' });
    const sidecar = JSON.parse(Buffer.from(await storage.read('p/shard-000000.json')).toString()) as object;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(sidecar)), fc.jsonValue(), async (field, value) => {
        await writeJson(storage, 'p/shard-000000.json', { ...sidecar, [field]: value });
        await openShards(storage, 'p').catch((error) => {
          expect(error.code).toMatch(/DATA_INDEX_INVALID|DATA_SHARDS_NOT_FOUND|DATA_CLASSES_DIFFER/);
        });
      }),
    );
  });
});

describe('packShards killed with SIGKILL', () => {
  let folder = '';
  const length = 60;
  const program = `
    import { packShards } from '@percept/data';
    import { fsStorage } from '@percept/storage/backends/fs';
    const read = async (at) => {
      // Slow enough to be killed in the middle of everything.
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { key: 'k' + at, label: at % 2, extension: 'png', image: new Uint8Array(20000).fill(at) };
    };
    const onProgress = ({ done }) => process.stdout.write(done + '\\n');
    const source = { length: ${length}, classes: ['even', 'odd'], read };
    await packShards(source, fsStorage(process.env.FOLDER), { prefix: 'p', maxSamples: 4, onProgress });
  `;
  const same = memorySource(
    classes,
    Array.from({ length }, (_, at) => ({
      key: `k${at}`,
      label: at % 2,
      extension: 'png',
      image: new Uint8Array(20_000).fill(at),
    })),
  );
  const start = (): ChildProcess =>
    spawn(
      process.execPath,
      ['--conditions=@percept/source', '--import', 'tsx', '--input-type=module', '--eval', program],
      {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { ...process.env, FOLDER: folder },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
  const ended = (child: ChildProcess): Promise<NodeJS.Signals | number | null> =>
    new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('leaves nothing half-written and resumes to the same bytes', async () => {
    folder = await mkdtemp(join(tmpdir(), 'percept-data-'));
    const storage = fsStorage(folder);
    for (const killAt of [9, 30]) {
      const child = start();
      let output = '';
      child.stdout!.on('data', (text: Buffer) => {
        output += text.toString();
        if (Number(output.trim().split('\n').at(-1)) >= killAt) child.kill('SIGKILL');
      });
      expect(await ended(child)).toBe('SIGKILL');
      await expect(openShards(storage, 'p')).rejects.toMatchObject({ code: 'DATA_SHARDS_NOT_FOUND' });
      for await (const { key, size } of storage.list('p/')) expect((await storage.read(key)).length).toBe(size);
    }
    const whole = memoryStorage();
    await packShards(same, whole, { prefix: 'p', maxSamples: 4 });
    await packShards(same, storage, { prefix: 'p', maxSamples: 4 });
    expect(await contents(storage)).toEqual(await contents(whole));
    expect((await openShards(storage, 'p')).length).toBe(length);
  });
});
