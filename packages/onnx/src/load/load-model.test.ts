import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { keyedRandom, type Progress, tensor } from '@percept/core';
import type { Storage } from '@percept/storage';
import { fsStorage } from '@percept/storage/backends/fs';
import { memoryStorage } from '@percept/storage/backends/memory';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExternalTensor, readExternalData } from '../external/read.js';
import { saveModel } from '../external/save-model.js';
import { GraphBuilder } from '../graph-builder.js';
import { writeModel } from '../write-model.js';
import { partBytes } from './download.js';
import { HubServer, sha256 } from './hub-server.fixture.js';
import { type LoadModelOptions, loadModel } from './load-model.js';

/** A model of about `bytes` bytes that no compression or repetition makes alike. */
function modelOf(bytes: number, seed = 1): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('large');
  const random = keyedRandom(seed);
  const data = new Float32Array(bytes / 4);
  for (let at = 0; at < data.length; at += 1000) data[at] = random.float();
  graph.initializer('w', tensor('float32', [data.length], data));
  return writeModel(graph.build());
}

const small = modelOf(4000);
const large = modelOf(2.5 * partBytes, 2);

let folder: string;
let hub: HubServer;
let cache: Storage;
let options: LoadModelOptions;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'percept-load-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  hub = new HubServer();
  await hub.start();
  hub.files.set('model.onnx', small);
  hub.files.set('large.onnx', large);
  cache = memoryStorage();
  options = { cache: { storage: cache } };
});
afterEach(() => hub.stop());

async function keysOf(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list()) keys.push(key);
  return keys;
}

describe('loadModel', () => {
  it('takes bytes, and checks them', async () => {
    const loaded = await loadModel(small, { sha256: sha256(small) });
    expect(loaded).toMatchObject({ digest: `sha256:${sha256(small)}`, fromCache: false, bytes: small });
    expect(loaded.model.graph.name).toBe('large');
    await expect(loadModel(small, { sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'ONNX_DOWNLOAD_CORRUPT' });
  });

  it('takes paths, file URLs and storages, with weights beside them', async () => {
    const storage = fsStorage(folder);
    const graph = new GraphBuilder('weights');
    graph.initializer('w', tensor('float32', [1000], new Float32Array(1000).fill(3)));
    await saveModel(graph.build(), storage, 'm.onnx', { minExternalBytes: 100 });
    const path = join(folder, 'm.onnx');
    for (const ref of [path, pathToFileURL(path), pathToFileURL(path).href, { storage, key: 'm.onnx' }]) {
      const { model, fromCache } = await loadModel(ref);
      expect(fromCache).toBe(false);
      const weights = await readExternalData(model.graph.rawInitializers!.get('w') as ExternalTensor);
      expect(weights).toMatchObject({ data: new Float32Array(1000).fill(3) });
    }
  });

  it.each(['', 'hf://repo', 'hf://owner/repo', 's3://bucket', 'https://host/folder/', 7, null, {}])(
    'refuses %j as a model',
    async (ref) => {
      await expect(loadModel(ref as string)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    },
  );

  it('refuses schemes that no store has', async () => {
    await expect(loadModel('ftp://host/x')).rejects.toMatchObject({ code: 'STORAGE_UNKNOWN_SCHEME' });
  });

  it('tells of a file that is not there', async () => {
    await expect(loadModel(join(folder, 'none.onnx'))).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    await expect(loadModel(hub.url('none.onnx'), options)).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
  });
});

describe('a model from afar', () => {
  it('is fetched once, with progress, and then comes from the cache while it stays the same', async () => {
    const progress: Progress[] = [];
    const first = await loadModel(hub.url('large.onnx'), { ...options, onProgress: (step) => progress.push(step) });
    expect(first.fromCache).toBe(false);
    expect(sha256(first.bytes)).toBe(sha256(large));
    expect(progress[0]).toEqual({ stage: 'download', done: 0, total: large.length, unit: 'bytes' });
    expect(progress.at(-1)).toEqual({ stage: 'download', done: large.length, total: large.length, unit: 'bytes' });

    const second = await loadModel(hub.url('large.onnx'), options);
    expect(second.fromCache).toBe(true);
    expect(second.digest).toBe(first.digest);
    expect(hub.downloads()).toHaveLength(1);
    expect((await keysOf(cache)).filter((key) => key.includes('parts') || key.includes('lease'))).toEqual([]);

    const changed = modelOf(4000, 3);
    hub.files.set('large.onnx', changed);
    const third = await loadModel(hub.url('large.onnx'), options);
    expect(third).toMatchObject({ fromCache: false, digest: `sha256:${sha256(changed)}` });
  });

  it('is not asked for again where its digest is given', async () => {
    const sha = sha256(small);
    await loadModel(hub.url('model.onnx'), { ...options, sha256: sha });
    hub.seen.length = 0;
    const again = await loadModel(hub.url('model.onnx'), { ...options, sha256: `sha256:${sha.toUpperCase()}` });
    expect(again.fromCache).toBe(true);
    expect(hub.seen).toEqual([]);
  });

  it('is refused where it has another digest, and leaves nothing', async () => {
    const wrong = loadModel(hub.url('model.onnx'), { ...options, sha256: 'a'.repeat(64) });
    await expect(wrong).rejects.toMatchObject({ code: 'ONNX_DOWNLOAD_CORRUPT' });
    expect((await keysOf(cache)).filter((key) => !key.endsWith('/used'))).toEqual([]);
  });

  it('is read without a cache where there shall be none', async () => {
    const { bytes, fromCache } = await loadModel(hub.url('model.onnx'), { cache: false });
    expect([bytes, fromCache]).toEqual([small, false]);
  });

  it('survives cut connections', async () => {
    hub.cuts = [1000, 3_000_000, 70];
    const { bytes } = await loadModel(hub.url('large.onnx'), options);
    expect(sha256(bytes)).toBe(sha256(large));
    expect(hub.downloads().length).toBe(4);
  });

  it('goes on behind an abort, with the parts that are there', async () => {
    const abort = new AbortController();
    const onProgress = ({ done }: Progress): void => {
      if (done > 2 * partBytes) abort.abort();
    };
    const first = loadModel(hub.url('large.onnx'), { ...options, signal: abort.signal, onProgress });
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    const steps: number[] = [];
    const { bytes } = await loadModel(hub.url('large.onnx'), {
      ...options,
      onProgress: ({ done }) => steps.push(done),
    });
    expect(sha256(bytes)).toBe(sha256(large));
    expect(steps[0]).toBe(2 * partBytes);
    expect(hub.downloads().at(-1)!.range).toBe(`bytes=${2 * partBytes}-`);
  });

  it('never mixes two versions: parts of the old one are dropped', async () => {
    const abort = new AbortController();
    const onProgress = ({ done }: Progress): void => {
      if (done > partBytes) abort.abort();
    };
    await loadModel(hub.url('large.onnx'), { ...options, signal: abort.signal, onProgress }).catch(() => {});
    const changed = modelOf(2.5 * partBytes, 9);
    hub.files.set('large.onnx', changed);
    const { bytes } = await loadModel(hub.url('large.onnx'), options);
    expect(sha256(bytes)).toBe(sha256(changed));
  });

  it('is fetched anew when it changes between two pieces, and given up when it does so again and again', async () => {
    const changed = modelOf(2.5 * partBytes, 9);
    hub.cuts = [partBytes];
    let answers = 0;
    hub.beforeAnswer = () => {
      if (++answers === 3) hub.files.set('large.onnx', changed);
    };
    const { bytes } = await loadModel(hub.url('large.onnx'), options);
    expect(sha256(bytes)).toBe(sha256(changed));

    let count = 0;
    hub.beforeAnswer = () => hub.files.set('model.onnx', modelOf(4000, 100 + count++));
    const unstable = loadModel(hub.url('model.onnx'), options);
    await expect(unstable).rejects.toMatchObject({ code: 'ONNX_DOWNLOAD_UNSTABLE' });
  });

  it('offline comes from the cache or not at all, and nobody is asked', async () => {
    const missing = loadModel(hub.url('model.onnx'), { ...options, offline: true });
    await expect(missing).rejects.toMatchObject({ code: 'ONNX_MODEL_NOT_CACHED' });
    await loadModel(hub.url('model.onnx'), options);
    hub.seen.length = 0;
    const { fromCache } = await loadModel(hub.url('model.onnx'), { ...options, offline: true });
    expect(fromCache).toBe(true);
    expect(hub.seen).toEqual([]);
  });

  it('damaged in the cache is fetched again', async () => {
    await loadModel(hub.url('model.onnx'), { ...options, sha256: sha256(small) });
    const key = (await keysOf(cache)).find((name) => name.includes('/files/'))!;
    await cache.write(
      key,
      small.map((byte) => byte ^ 1),
    );
    const { bytes, fromCache } = await loadModel(hub.url('model.onnx'), { ...options, sha256: sha256(small) });
    expect([bytes, fromCache]).toEqual([small, false]);
  });

  it('damaged in the cache is noticed where no digest was told, and a digest given later needs no second fetch', async () => {
    await loadModel(hub.url('model.onnx'), options);
    hub.seen.length = 0;
    expect((await loadModel(hub.url('model.onnx'), { ...options, sha256: sha256(small) })).fromCache).toBe(true);
    expect(hub.seen).toEqual([]);
    const key = (await keysOf(cache)).find((name) => name.includes('/files/'))!;
    await cache.write(
      key,
      small.map((byte) => byte ^ 1),
    );
    const { bytes, fromCache } = await loadModel(hub.url('model.onnx'), options);
    expect([bytes, fromCache]).toEqual([small, false]);
  });

  it('that is no model is not kept, and the refusal says where it came from and what it is', async () => {
    hub.files.set('page.onnx', new TextEncoder().encode('<html>Please sign in</html>'));
    const error = await loadModel(`${hub.url('page.onnx')}?token=x`, options).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'ONNX_MODEL_MALFORMED' });
    expect(error.message).toContain(`a web page. Take the address of the file itself`);
    expect(error.message).toContain(`(read from ${hub.url('page.onnx')}?…)`);
    expect((await keysOf(cache)).filter((key) => !key.endsWith('/used'))).toEqual([]);
    const direct = await loadModel(hub.url('page.onnx'), { cache: false }).catch((caught) => caught);
    expect(direct.message).toContain(`(read from ${hub.url('page.onnx')})`);
  });

  it('says that the cache has it when the server is down', async () => {
    const url = hub.url('model.onnx');
    await loadModel(url, options);
    await hub.stop();
    await expect(loadModel(url, options)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/The cache has what it gave last time: the option offline/),
    });
    expect((await loadModel(url, { ...options, offline: true })).bytes).toEqual(small);
    await hub.start();
  });

  it('comes with the weights that it keeps beside it', async () => {
    const storage = memoryStorage();
    const graph = new GraphBuilder('weights');
    graph.initializer('w', tensor('float32', [1000], new Float32Array(1000).fill(3)));
    await saveModel(graph.build(), storage, 'onnx/m.onnx', { minExternalBytes: 100, location: 'sub/w.bin' });
    hub.files.set('onnx/m.onnx', await storage.read('onnx/m.onnx'));
    hub.files.set('onnx/sub/w.bin', await storage.read('onnx/sub/w.bin'));
    await loadModel(hub.url('onnx/m.onnx'), options);
    const { model, location } = await loadModel(hub.url('onnx/m.onnx'), { ...options, offline: true });
    expect(location!.storage).toBe(cache);
    const weights = await readExternalData(model.graph.rawInitializers!.get('w') as ExternalTensor);
    expect(weights).toMatchObject({ data: new Float32Array(1000).fill(3) });
  });

  it('makes room for others when the cache is full: the one not asked for longest goes first', async () => {
    for (const name of ['a', 'b', 'c']) hub.files.set(`${name}.onnx`, modelOf(40_000, name.charCodeAt(0)));
    const limited = { cache: { storage: cache, maxBytes: 100_000 } };
    await loadModel(hub.url('a.onnx'), limited);
    await loadModel(hub.url('b.onnx'), limited);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await loadModel(hub.url('a.onnx'), limited);
    await loadModel(hub.url('c.onnx'), limited);
    const cached = async (name: string): Promise<boolean> =>
      loadModel(hub.url(`${name}.onnx`), { ...limited, offline: true }).then(
        () => true,
        () => false,
      );
    expect(await Promise.all(['a', 'b', 'c'].map(cached))).toEqual([true, false, true]);
  });

  it('is not kept for the lease of a process that died', async () => {
    hub.files.set('a.onnx', modelOf(40_000, 1));
    hub.files.set('b.onnx', modelOf(40_000, 2));
    await loadModel(hub.url('a.onnx'), options);
    const id = (await keysOf(cache))[0]!.split('/')[0];
    const lease = (at: number) => new TextEncoder().encode(JSON.stringify({ holder: 'x', at }));
    const cached = async () => (await keysOf(cache)).some((key) => key.startsWith(`${id}/files/`));
    const limited = { cache: { storage: cache, maxBytes: 50_000 } };
    await cache.write(`${id}/lease`, lease(Date.now()));
    await loadModel(hub.url('b.onnx'), limited);
    expect(await cached()).toBe(true);
    await cache.write(`${id}/lease`, lease(Date.now() - 60_000));
    hub.files.set('b.onnx', modelOf(40_000, 3));
    await loadModel(hub.url('b.onnx'), limited);
    expect(await cached()).toBe(false);
  });

  it('is fetched once by calls at the same time', async () => {
    let open = (): void => {};
    hub.gate = new Promise((resolve) => {
      open = resolve;
    });
    const calls = Promise.all([1, 2, 3].map(() => loadModel(hub.url('large.onnx'), options)));
    setTimeout(open, 300);
    const loaded = await calls;
    expect(loaded.map(({ bytes }) => sha256(bytes))).toEqual(Array(3).fill(sha256(large)));
    expect(hub.downloads()).toHaveLength(1);
  });

  it('is fetched once by two processes', async () => {
    const disk = fsStorage(join(folder, 'cache'));
    const script = join(folder, 'load.mts');
    const source = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    await writeFile(
      script,
      `import { loadModel } from ${source('load-model.ts')};
       import { fsStorage } from ${source('../../../storage/src/backends/fs.ts')};
       const { bytes } = await loadModel(process.argv[2], { cache: { storage: fsStorage(process.argv[3]) } });
       console.log(bytes.length);`,
    );
    const start = () =>
      spawn(
        process.execPath,
        ['--import', 'tsx', '--conditions=@percept/source', script, hub.url('large.onnx'), join(folder, 'cache')],
        { stdio: ['ignore', 'pipe', 'inherit'], cwd: new URL('../../../..', import.meta.url) },
      );
    const outputOf = async (child: ReturnType<typeof start>): Promise<string> => {
      let text = '';
      for await (const chunk of child.stdout) text += chunk;
      return text.trim();
    };
    const [first, second] = [start(), start()];
    expect(await Promise.all([outputOf(first), outputOf(second)])).toEqual([`${large.length}`, `${large.length}`]);
    expect(hub.downloads()).toHaveLength(1);
    expect((await loadModel(hub.url('large.onnx'), { cache: { storage: disk } })).fromCache).toBe(true);
  });

  it('keeps signatures out of messages and of the cache', async () => {
    hub.files.set('text.onnx', new TextEncoder().encode('no model'));
    const url = `${hub.url('text.onnx')}?X-Amz-Signature=very-secret`;
    const error = await loadModel(url, options).catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: 'ONNX_MODEL_MALFORMED' });
    const missing = await loadModel(`${hub.url('none.onnx')}?token=very-secret`, options).catch(
      (caught: Error) => caught,
    );
    const offline = await loadModel(url.replace('text', 'other'), { ...options, offline: true }).catch(
      (caught) => caught,
    );
    const texts = [error, missing, offline].map((caught) => `${caught} ${JSON.stringify(caught)}`);
    for (const key of await keysOf(cache)) texts.push(key, new TextDecoder().decode(await cache.read(key)));
    expect(texts.filter((text) => text.includes('very-secret'))).toEqual([]);
  });
});

describe('a model of the hub', () => {
  const ref = 'hf://owner/repo@main/onnx/model.onnx';
  const connect = () => ({ hub: { endpoint: hub.endpoint } });
  beforeEach(() => {
    hub.files.set('onnx/model.onnx', small);
  });

  it('is fetched, and checked against the digest that the hub tells', async () => {
    const loaded = await loadModel(ref, { ...options, connect: connect() });
    expect(loaded).toMatchObject({ digest: `sha256:${sha256(small)}`, fromCache: false });
    expect((await loadModel(ref, { ...options, connect: connect() })).fromCache).toBe(true);
    expect(hub.downloads()).toHaveLength(1);

    hub.files.set('onnx/model.onnx', large);
    hub.lie = true;
    const lied = loadModel(ref, { ...options, connect: connect() });
    await expect(lied).rejects.toMatchObject({ code: 'ONNX_DOWNLOAD_CORRUPT' });
    expect((await keysOf(cache)).filter((key) => key.includes('parts'))).toEqual([]);
  });

  it('is the same file in another commit', async () => {
    await loadModel(ref, { ...options, connect: connect() });
    hub.commit = 'f'.repeat(40);
    expect((await loadModel(ref, { ...options, connect: connect() })).fromCache).toBe(true);
  });

  it('gets a token only where one is given, and only from the hub', async () => {
    hub.token = 'hf_secret';
    process.env.HF_TOKEN = 'hf_secret';
    try {
      const without = loadModel(ref, { ...options, connect: connect() });
      await expect(without).rejects.toMatchObject({ code: 'STORAGE_PERMISSION' });
    } finally {
      delete process.env.HF_TOKEN;
    }
    const wrong = await loadModel(ref, { ...options, connect: connect(), token: 'hf_other' }).catch((error) => error);
    expect(`${wrong} ${JSON.stringify(wrong)}`).not.toContain('hf_other');
    await loadModel(ref, { ...options, connect: connect(), token: 'hf_secret' });
    const atNetwork = hub.seen.filter(({ path }) => path.startsWith('/cdn/'));
    expect(atNetwork.length).toBeGreaterThan(0);
    expect(atNetwork.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    for (const key of await keysOf(cache)) {
      expect(new TextDecoder().decode(await cache.read(key))).not.toContain('hf_secret');
    }
  });

  it('goes on behind a cut', async () => {
    hub.files.set('onnx/model.onnx', large);
    hub.cuts = [100_000, 9_000_000];
    const { bytes } = await loadModel(ref, { ...options, connect: connect() });
    expect(sha256(bytes)).toBe(sha256(large));
  });
});

describe('a model of a bucket', () => {
  it('is fetched by its s3 address, through a cut connection, and then comes from the cache', async () => {
    const seen: string[] = [];
    let isCut = false;
    const server = createServer((request, response) => {
      const { method, url, headers } = request;
      seen.push(`${method} ${url} ${headers.range ?? ''}`.trim());
      if (url !== '/bucket/zoo/m%C3%B6del.onnx' || !headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
        response.writeHead(403).end();
        return;
      }
      const start = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      const body = large.subarray(start);
      const range = { 'content-range': `bytes ${start}-${large.length - 1}/${large.length}` };
      const length = { etag: '"e"', 'content-length': body.length };
      response.writeHead(start > 0 ? 206 : 200, { ...length, ...(start > 0 && range) });
      if (method === 'HEAD') response.end();
      else if (isCut) response.end(body);
      else response.write(body.subarray(0, 5_000_000), () => response.destroy());
      isCut ||= method === 'GET';
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'key', secretAccessKey: 'very-secret' };
    const reading = { ...options, connect: { s3: { endpoint, region: 'eu-central-1', credentials } } };
    try {
      const first = await loadModel('s3://bucket/zoo/mödel.onnx', reading);
      expect([first.fromCache, sha256(first.bytes)]).toEqual([false, sha256(large)]);
      expect((await loadModel('s3://bucket/zoo/mödel.onnx', reading)).fromCache).toBe(true);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    const path = '/bucket/zoo/m%C3%B6del.onnx';
    const rest = `GET ${path} bytes=5000000-${large.length - 1}`;
    expect(seen).toEqual([`HEAD ${path}`, `GET ${path}`, rest, `HEAD ${path}`]);
    for (const key of await keysOf(cache)) expect(Buffer.from(await cache.read(key)).includes('secret')).toBe(false);
  });
});
