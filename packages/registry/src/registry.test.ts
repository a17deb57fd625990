import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerceptError } from '@percept/core';
import { type Storage, writeJson } from '@percept/storage';
import { fsStorage } from '@percept/storage/backends/fs';
import { httpStorage } from '@percept/storage/backends/http';
import { memoryStorage } from '@percept/storage/backends/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRegistry, type Registry } from './index.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const code = (expected: string) => expect.objectContaining({ name: 'PerceptError', code: expected });

async function keys(storage: Storage): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of storage.list()) found.push(key);
  return found;
}

const backends = [
  { name: 'memory', create: async () => ({ storage: memoryStorage(), cleanup: async () => {} }) },
  {
    name: 'fs',
    async create() {
      const folder = await mkdtemp(join(tmpdir(), 'percept-registry-'));
      return { storage: fsStorage(folder), cleanup: () => rm(folder, { recursive: true }) };
    },
  },
];

describe.each(backends)('registry on $name', ({ create }) => {
  let storage: Storage;
  let cleanup: () => Promise<void>;
  let registry: Registry;

  beforeEach(async () => {
    ({ storage, cleanup } = await create());
    registry = openRegistry(storage);
  });
  afterEach(() => cleanup());

  describe('models', () => {
    it('numbers versions from 1 and keeps what was said about them', async () => {
      const run = await registry.startRun({ experiment: 'clothing' });
      const first = await registry.registerModel('clothing', bytesOf('one'), {
        runId: run.id,
        datasetVersion: 'sha256:d',
        metrics: { accuracy: 0.9 },
        tags: { stage: 'test' },
      });
      expect(first).toMatchObject({
        name: 'clothing',
        version: 1,
        digest: 'sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed',
        size: 3,
        runId: run.id,
        metrics: { accuracy: 0.9 },
      });
      const second = await registry.registerModel('clothing', bytesOf('two'), { parentModel: first.digest });
      expect(second.version).toBe(2);
      expect(await registry.getVersion('clothing', 1)).toEqual(first);
      expect(await registry.listVersions('clothing')).toEqual([first, second]);
      await registry.registerModel('another', bytesOf('one'));
      expect(await registry.listModels()).toEqual([
        { name: 'another', latestVersion: 1, aliases: {} },
        { name: 'clothing', latestVersion: 2, aliases: {} },
      ]);
      expect((await keys(storage)).filter((key) => key.startsWith('blobs/'))).toHaveLength(2);
    });

    it('gives concurrent writers consecutive numbers', async () => {
      const others = Array.from({ length: 20 }, (_, index) =>
        openRegistry(storage).registerModel('clothing', bytesOf(`model ${index % 7}`)),
      );
      const versions = (await Promise.all(others)).map(({ version }) => version);
      expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect((await registry.listVersions('clothing')).map(({ version }) => version)).toEqual(versions);
    });

    it('moves aliases and keeps their history', async () => {
      for (const text of ['one', 'two']) await registry.registerModel('clothing', bytesOf(text));
      expect(await registry.getAlias('clothing', 'production')).toBeUndefined();
      for (const version of [1, 2, 2, 1]) await registry.setAlias('clothing', 'production', version);
      await registry.setAlias('clothing', 'candidate', 2);
      expect(await registry.getAlias('clothing', 'production')).toBe(1);
      expect((await registry.aliasHistory('clothing', 'production')).map(({ version }) => version)).toEqual([1, 2, 1]);
      expect((await registry.listModels())[0]?.aliases).toEqual({ candidate: 2, production: 1 });
    });

    it('keeps every one of concurrent alias changes', async () => {
      for (const text of ['one', 'two', 'three']) await registry.registerModel('clothing', bytesOf(text));
      await Promise.all([1, 2, 3].map((version) => openRegistry(storage).setAlias('clothing', 'production', version)));
      const history = await registry.aliasHistory('clothing', 'production');
      expect(history.map(({ version }) => version).sort()).toEqual([1, 2, 3]);
      expect(await registry.getAlias('clothing', 'production')).toBe(history.at(-1)?.version);
    });

    it('says what there is when it does not find something', async () => {
      await expect(registry.getVersion('clothing', 1)).rejects.toThrow(/no models yet/);
      await registry.registerModel('clothing', bytesOf('one'));
      await registry.setAlias('clothing', 'production', 1);
      const resolver = registry.resolver();
      const cases: [() => Promise<unknown>, RegExp][] = [
        [() => resolver.resolve('models:/shoes'), /known models: clothing/],
        [() => resolver.resolve('models:/clothing@staging'), /known aliases: production/],
        [() => resolver.resolve('models:/clothing/7'), /versions 1 to 1/],
        [() => registry.setAlias('clothing', 'production', 2), /versions 1 to 1/],
        [() => registry.listVersions('shoes'), /known models: clothing/],
        [() => registry.getRun('0'.repeat(32)), /experiments/],
        [() => registry.registerModel('clothing', bytesOf('x'), { runId: 'gone' }), /"gone"/],
      ];
      for (const [call, message] of cases) {
        await expect(call()).rejects.toThrow(code('REGISTRY_NOT_FOUND'));
        await expect(call()).rejects.toThrow(message);
      }
      expect((await registry.listVersions('clothing')).length).toBe(1);
    });

    it.each(['', '.', '..', 'a/b', 'a b', '-a', 'é', 'a@b', 'x'.repeat(129), 3 as unknown as string])(
      'refuses the name %j',
      async (name) => {
        const refusal = code('INVALID_ARGUMENT');
        await expect(registry.registerModel(name, bytesOf('x'))).rejects.toThrow(refusal);
        await registry.registerModel('fine', bytesOf('x'));
        await expect(registry.setAlias('fine', name, 1)).rejects.toThrow(refusal);
        await expect(registry.startRun({ experiment: name })).rejects.toThrow(refusal);
        await expect(registry.registerDataset({ name, id: 'd', location: 'x' })).rejects.toThrow(refusal);
      },
    );

    it('refuses what is no model and options that it does not know', async () => {
      const refusal = code('INVALID_ARGUMENT');
      await expect(registry.registerModel('a', new Uint8Array())).rejects.toThrow(refusal);
      await expect(registry.registerModel('a', 'x' as unknown as Uint8Array)).rejects.toThrow(refusal);
      for (const options of [{ metric: {} }, { metrics: { a: Number.NaN } }, { parentModel: 'shoes' }]) {
        await expect(registry.registerModel('a', bytesOf('x'), options as object)).rejects.toThrow(refusal);
      }
      for (const version of [0, 1.5, '1' as unknown as number]) {
        await expect(registry.getVersion('a', version)).rejects.toThrow(refusal);
      }
      expect(await registry.listModels()).toEqual([]);
    });

    it('takes no version when aborted', async () => {
      const signal = AbortSignal.abort();
      await expect(registry.registerModel('a', bytesOf('x'), { signal })).rejects.toThrow(code('ABORTED'));
      expect(await registry.listModels()).toEqual([]);
    });
  });

  describe('resolver', () => {
    it('resolves versions, aliases and the latest version', async () => {
      const resolver = registry.resolver();
      for (const text of ['one', 'two', 'three']) await registry.registerModel('clothing', bytesOf(text));
      await registry.setAlias('clothing', 'production', 2);
      const textOf = async (uri: string) => new TextDecoder().decode((await resolver.resolve(uri)).bytes);
      expect(await textOf('models:/clothing/1')).toBe('one');
      expect(await textOf('models:/clothing@production')).toBe('two');
      expect(await textOf('models:/clothing')).toBe('three');
      await registry.setAlias('clothing', 'production', 3);
      expect(await resolver.currentVersion('models:/clothing@production')).toEqual({
        name: 'clothing',
        version: 3,
        digest: (await registry.getVersion('clothing', 3)).digest,
      });
    });

    it.each([
      'clothing',
      'models:clothing',
      'models:/',
      'models:/a/b',
      'models:/a@',
      'models:/a/1@b',
      'models:/../x',
      3,
    ])('refuses the address %j', async (uri) => {
      await expect(registry.resolver().resolve(uri as string)).rejects.toThrow(code('INVALID_ARGUMENT'));
    });

    it('tells how far it has come, and stops when told', async () => {
      await registry.registerModel('clothing', new Uint8Array(1_000_000).fill(3));
      const done: number[] = [];
      const resolver = registry.resolver();
      await resolver.resolve('models:/clothing', {
        onProgress(progress) {
          expect(progress).toMatchObject({ total: 1_000_000, unit: 'bytes' });
          done.push(progress.done);
        },
      });
      expect(done.at(-1)).toBe(1_000_000);
      const controller = new AbortController();
      const stopped = resolver.resolve('models:/clothing', {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await expect(stopped).rejects.toThrow(code('ABORTED'));
    });

    it('finds damage of bytes and records', async () => {
      const { digest } = await registry.registerModel('clothing', bytesOf('one'));
      const resolve = () => registry.resolver().resolve('models:/clothing/1');
      const blob = `blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}`;
      for (const damaged of ['onE', 'on', 'ones']) {
        await storage.write(blob, bytesOf(damaged));
        await expect(resolve()).rejects.toThrow(code('REGISTRY_CORRUPT'));
      }
      await storage.delete(blob);
      await expect(resolve()).rejects.toThrow(code('REGISTRY_CORRUPT'));
      await registry.registerModel('again', bytesOf('one'));
      expect((await resolve()).bytes).toEqual(bytesOf('one'));
      const record = 'models/clothing/versions/000001.json';
      for (const damaged of ['{"name":', '{"name":"clothing","version":1}', '[]', 'null']) {
        await storage.write(record, bytesOf(damaged));
        await expect(resolve(), damaged).rejects.toThrow(code('REGISTRY_CORRUPT'));
      }
    });
  });

  describe('runs', () => {
    it('keep params, metrics and artifacts', async () => {
      const run = await registry.startRun({
        experiment: 'clothing',
        name: 'baseline',
        seed: 7,
        codeVersion: 'abc',
        datasetVersion: 'sha256:d',
        params: { epochs: 3, optimizer: 'adam' },
      });
      expect(run.id).toMatch(/^[0-9a-f]{32}$/);
      await run.logParams({ 'learning rate/é': 0.1, shuffle: true, epochs: 3 });
      await run.logMetrics({ loss: 2.5, accuracy: 0.1 }, 0);
      await run.logMetrics({ loss: Number.NaN }, 1);
      await run.logMetrics({ loss: Number.NEGATIVE_INFINITY }, 2);
      await run.logArtifact('plots/loss.svg', bytesOf('<svg/>'));
      await run.logArtifact('plots', bytesOf('a'));
      await run.logArtifact('plots', bytesOf('b'));
      expect(await registry.getRun(run.id)).toMatchObject({ status: 'running', name: 'baseline', seed: 7 });
      await run.finish();
      await run.finish();

      const info = await registry.getRun(run.id);
      expect(info).toMatchObject({
        id: run.id,
        experiment: 'clothing',
        codeVersion: 'abc',
        datasetVersion: 'sha256:d',
        status: 'finished',
        params: { epochs: 3, optimizer: 'adam', 'learning rate/é': 0.1, shuffle: true },
      });
      expect(Date.parse(info.finishedAt!)).toBeGreaterThanOrEqual(Date.parse(info.startedAt));
      const metrics = await registry.readMetrics(run.id);
      expect(metrics.loss?.map(({ step, value }) => [step, value])).toEqual([
        [0, 2.5],
        [1, Number.NaN],
        [2, Number.NEGATIVE_INFINITY],
      ]);
      expect(metrics.accuracy).toHaveLength(1);
      expect((await registry.listArtifacts(run.id)).map(({ path, size }) => [path, size])).toEqual([
        ['plots', 1],
        ['plots/loss.svg', 6],
      ]);
      expect(await registry.readArtifact(run.id, 'plots')).toEqual(bytesOf('b'));
      await expect(registry.readArtifact(run.id, 'gone')).rejects.toThrow(/known artifacts: plots, plots\/loss.svg/);
    });

    it('list by experiment, in the order in which they were started', async () => {
      const ids: string[] = [];
      for (const experiment of ['b', 'a', 'b']) {
        ids.push((await registry.startRun({ experiment })).id);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect((await registry.listRuns()).map(({ id }) => id)).toEqual(ids);
      expect((await registry.listRuns({ experiment: 'b' })).map(({ id }) => id)).toEqual([ids[0], ids[2]]);
      expect(await registry.listRuns({ experiment: 'none' })).toEqual([]);
    });

    it('never change a parameter', async () => {
      const run = await registry.startRun({ experiment: 'a', params: { epochs: 3 } });
      await expect(run.logParams({ fresh: 1, epochs: 4 })).rejects.toThrow(code('REGISTRY_PARAM_CONFLICT'));
      await expect(run.logParams({ rate: Number.NaN })).rejects.toThrow(code('INVALID_ARGUMENT'));
      expect((await registry.getRun(run.id)).params).toEqual({ epochs: 3 });
      const race = await Promise.allSettled([run.logParams({ depth: 1 }), run.logParams({ depth: 2 })]);
      expect(race.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    });

    it('end once', async () => {
      const run = await registry.startRun({ experiment: 'a' });
      const same = await registry.resumeRun(run.id);
      await run.finish('failed');
      const refusal = code('REGISTRY_RUN_FINISHED');
      await expect(run.logMetrics({ loss: 1 }, 0)).rejects.toThrow(refusal);
      await expect(run.logParams({ a: 1 })).rejects.toThrow(refusal);
      await expect(run.logArtifact('a', bytesOf('x'))).rejects.toThrow(refusal);
      await expect(same.finish('finished')).rejects.toThrow(refusal);
      await expect(registry.resumeRun(run.id)).rejects.toThrow(refusal);
      expect((await registry.getRun(run.id)).status).toBe('failed');
    });

    it('go on after their process died, later values replacing earlier ones', async () => {
      const run = await registry.startRun({ experiment: 'a' });
      for (const step of [0, 1, 2]) await run.logMetrics({ loss: step }, step);
      await run.flush();
      const resumed = await openRegistry(storage).resumeRun(run.id);
      for (const step of [1, 2, 3]) await resumed.logMetrics({ loss: step * 10 }, step);
      await resumed.finish();
      expect((await registry.readMetrics(run.id)).loss?.map(({ value }) => value)).toEqual([0, 10, 20, 30]);
    });

    it('fail when their block is left without finish', async () => {
      let id = '';
      const training = async () => {
        await using run = await registry.startRun({ experiment: 'a' });
        id = run.id;
        await run.logMetrics({ loss: 1 }, 0);
        throw new PerceptError('EXAMPLE_STOP', 'training broke');
      };
      await expect(training()).rejects.toThrow('training broke');
      expect((await registry.getRun(id)).status).toBe('failed');
      expect((await registry.readMetrics(id)).loss).toHaveLength(1);
    });

    it('write many metrics in few files', async () => {
      const run = await registry.startRun({ experiment: 'a' });
      for (let step = 0; step < 2500; step++) await run.logMetrics({ loss: 1 / (step + 1) }, step);
      await run.finish();
      expect((await keys(storage)).filter((key) => key.includes('/metrics/')).length).toBeLessThan(10);
      const { loss } = await registry.readMetrics(run.id);
      expect(loss?.map(({ step }) => step)).toEqual(Array.from({ length: 2500 }, (_, step) => step));
    });

    it('refuse values that are none, and damaged files', async () => {
      const run = await registry.startRun({ experiment: 'a' });
      await expect(run.logMetrics({ loss: '1' as unknown as number }, 0)).rejects.toThrow(code('INVALID_ARGUMENT'));
      await expect(run.logMetrics({ loss: 1 }, Number.NaN)).rejects.toThrow(code('INVALID_ARGUMENT'));
      await expect(run.logArtifact('../a', bytesOf('x'))).rejects.toThrow(code('STORAGE_INVALID_KEY'));
      for (const damaged of ['{"step":', '{"step":1}']) {
        await storage.write(`runs/${run.id}/metrics/000001.jsonl`, bytesOf(damaged));
        await expect(registry.readMetrics(run.id)).rejects.toThrow(code('REGISTRY_CORRUPT'));
      }
    });
  });

  describe('datasets and lineage', () => {
    it('keep references, which never change', async () => {
      const facts = { name: 'clothing', id: 'sha256:b', parents: ['sha256:a', 'sha256:0'], location: 'fs:/data' };
      const reference = await registry.registerDataset(facts);
      expect(await registry.registerDataset({ ...facts, parents: ['sha256:0', 'sha256:a'] })).toEqual(reference);
      await expect(registry.registerDataset({ ...facts, location: 'elsewhere' })).rejects.toThrow(
        code('REGISTRY_DATASET_CONFLICT'),
      );
      await expect(registry.registerDataset({ ...facts, id: 'a/b' })).rejects.toThrow(code('INVALID_ARGUMENT'));
      expect(await registry.listDatasets()).toEqual([reference]);
    });

    it('lead from dataset to run to model and on', async () => {
      await registry.registerDataset({ name: 'd', id: 'd1', location: 'x' });
      await registry.registerDataset({ name: 'd', id: 'd2', parents: ['d1'], location: 'x' });
      const run = await registry.startRun({ experiment: 'e', datasetVersion: 'd2' });
      const other = await registry.startRun({ experiment: 'e', datasetVersion: 'd1' });
      const model = await registry.registerModel('m', bytesOf('one'), {
        runId: run.id,
        parentModel: `sha256:${'0'.repeat(64)}`,
      });
      await registry.registerModel('m', bytesOf('other'), { runId: other.id, datasetVersion: 'gone' });
      await registry.registerModel('m-int8', bytesOf('two'), { parentModel: model.digest });
      await registry.registerModel('m-int4', bytesOf('three'), { parentModel: 'models:/m-int8/1' });
      await registry.setAlias('m', 'production', 1);

      const graph = await registry.lineage('model', 'm@production');
      expect(graph.root).toEqual({ kind: 'model', id: 'm/1', registered: true });
      expect(graph.nodes.map(({ kind, id, registered }) => `${kind} ${id} ${registered}`)).toEqual([
        'dataset d1 true',
        'dataset d2 true',
        'model m-int4/1 true',
        'model m-int8/1 true',
        'model m/1 true',
        `model sha256:${'0'.repeat(64)} false`,
        `run ${run.id} true`,
      ]);
      expect(graph.edges.map(({ from, to, relation }) => `${from.id} > ${to.id} ${relation}`).sort()).toEqual(
        [
          'd1 > d2 derived',
          `d2 > ${run.id} input`,
          `${run.id} > m/1 produced`,
          'm-int8/1 > m-int4/1 derived',
          'm/1 > m-int8/1 derived',
          `sha256:${'0'.repeat(64)} > m/1 derived`,
        ].sort(),
      );
      expect((await registry.lineage('dataset', 'd1')).nodes).toHaveLength(8);
      expect((await registry.lineage('run', other.id)).nodes.map(({ id }) => id)).toEqual(['d1', 'm/2', other.id]);
      expect((await registry.lineage('model', 'models:/m/2')).nodes.filter((node) => !node.registered)).toEqual([
        { kind: 'dataset', id: 'gone', registered: false },
      ]);
      for (const [kind, id] of [
        ['dataset', 'gone'],
        ['run', 'gone'],
        ['model', 'm/9'],
      ] as const) {
        await expect(registry.lineage(kind, id)).rejects.toThrow(code('REGISTRY_NOT_FOUND'));
      }
    });

    it('survive things that are made from each other in a circle', async () => {
      await registry.registerDataset({ name: 'd', id: 'a', parents: ['b'], location: 'x' });
      await registry.registerDataset({ name: 'd', id: 'b', parents: ['a'], location: 'x' });
      expect((await registry.lineage('dataset', 'a')).edges).toHaveLength(2);
    });
  });

  it('is empty where nothing was written, and writes nothing by reading', async () => {
    expect(await registry.listModels()).toEqual([]);
    expect(await registry.listRuns()).toEqual([]);
    expect(await registry.listDatasets()).toEqual([]);
    await expect(registry.resolver().resolve('models:/a')).rejects.toThrow(code('REGISTRY_NOT_FOUND'));
    expect(await keys(storage)).toEqual([]);
  });

  it('refuses a registry of another format', async () => {
    await writeJson(storage, 'registry.json', { format: 2 });
    await expect(registry.listModels()).rejects.toThrow(code('REGISTRY_FORMAT_UNSUPPORTED'));
    await expect(registry.registerModel('a', bytesOf('x'))).rejects.toThrow(code('REGISTRY_FORMAT_UNSUPPORTED'));
    await storage.write('registry.json', bytesOf('{'));
    await expect(registry.listModels()).rejects.toThrow(code('REGISTRY_CORRUPT'));
  });
});

describe('resolver over HTTP', () => {
  it('needs no listing and no writing', async () => {
    const storage = memoryStorage();
    const registry = openRegistry(storage);
    for (let version = 1; version <= 5; version++) await registry.registerModel('clothing', bytesOf(`${version}`));
    await registry.setAlias('clothing', 'production', 4);
    const server = createServer(async (request, response) => {
      const bytes = await storage.read(decodeURIComponent(request.url!.slice(1))).catch(() => undefined);
      if (bytes === undefined) return response.writeHead(404).end();
      return response.writeHead(200, { 'content-length': bytes.length }).end(request.method === 'HEAD' ? '' : bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const remote = httpStorage(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const resolver = openRegistry(remote).resolver();
      expect((await resolver.resolve('models:/clothing@production')).bytes).toEqual(bytesOf('4'));
      expect((await resolver.currentVersion('models:/clothing')).version).toBe(5);
      await expect(resolver.resolve('models:/shoes')).rejects.toThrow(/cannot list the known models/);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
