import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fsStorage } from '@percept/storage/backends/fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRegistry, type Registry } from './index.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

let folder: string;
let registry: Registry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'percept-registry-'));
  registry = openRegistry(fsStorage(folder));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs a module in another process, in which `registry` is the same registry. */
function start(script: string): ChildProcessWithoutNullStreams {
  const module = `
    import { openRegistry } from '@percept/registry';
    import { fsStorage } from '@percept/storage/backends/fs';
    const storage = fsStorage(${JSON.stringify(folder)});
    const registry = openRegistry(storage);
    ${script}`;
  const options = ['--conditions=@percept/source', '--import', 'tsx', '--input-type=module', '--eval', module];
  return spawn(process.execPath, options, { cwd: repository });
}

async function result<T>(child: ChildProcessWithoutNullStreams): Promise<T> {
  const output = { out: '', error: '' };
  child.stdout.on('data', (chunk) => (output.out += chunk));
  child.stderr.on('data', (chunk) => (output.error += chunk));
  const [code] = await once(child, 'close');
  expect(code, output.error).toBe(0);
  return JSON.parse(output.out) as T;
}

describe('registry among processes', () => {
  it('gives processes that register at once the versions 1..N, and loses no alias change', async () => {
    const each = 15;
    const writers = Array.from({ length: 3 }, (_, writer) =>
      start(`
        console.error('ready');
        while (!(await storage.stat('go'))) await new Promise((resolve) => setTimeout(resolve, 1));
        const versions = [];
        for (let index = 0; index < ${each}; index++) {
          const bytes = new TextEncoder().encode('model ${writer} ' + index);
          const { version } = await registry.registerModel('clothing', bytes, { tags: { writer: '${writer}' } });
          await registry.setAlias('clothing', 'latest-${writer}', version);
          versions.push(version);
        }
        console.log(JSON.stringify(versions));
      `),
    );
    const ready = Promise.all(writers.map((writer) => once(writer.stderr, 'data')));
    const results = Promise.all(writers.map((writer) => result<number[]>(writer)));
    await ready;
    await fsStorage(folder).write('go', new Uint8Array());
    const versions = await results;

    const total = each * writers.length;
    expect(versions.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    const records = await registry.listVersions('clothing');
    expect(records.map(({ version }) => version)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    for (const [writer, mine] of versions.entries()) {
      for (const [index, version] of mine.entries()) {
        expect(records[version - 1]?.tags).toEqual({ writer: String(writer) });
        const { bytes } = await registry.resolver().resolve(`models:/clothing/${version}`);
        expect(new TextDecoder().decode(bytes)).toBe(`model ${writer} ${index}`);
      }
      const history = await registry.aliasHistory('clothing', `latest-${writer}`);
      expect(history.map((change) => change.version)).toEqual(mine);
    }
  });

  it('lists nothing half-registered after kill -9 at any moment, and takes the next number', async () => {
    let registered = 0;
    for (const delay of [0, 4, 15]) {
      const child = start(`
        console.log('ready');
        for (let index = 0; ; index++) {
          await registry.registerModel('clothing', new Uint8Array(300_000).fill(index));
        }
      `);
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      await once(child, 'close');

      const models = await registry.listModels();
      const versions = models.length === 0 ? [] : await registry.listVersions('clothing');
      expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1));
      expect(versions.length).toBeGreaterThanOrEqual(registered);
      for (const { version } of versions) {
        expect((await registry.resolver().resolve(`models:/clothing/${version}`)).bytes.length).toBeGreaterThan(1);
      }
      const next = await registry.registerModel('clothing', Uint8Array.of(1, 2));
      expect(next.version).toBe(versions.length + 1);
      registered = next.version;
    }
  });

  it('keeps the metrics of a process that ends without finishing its run', async () => {
    const child = start(`
      const run = await registry.startRun({ experiment: 'clothing', params: { epochs: 1 } });
      await run.logMetrics({ loss: 0.5 }, 0);
      console.log(JSON.stringify(run.id));
    `);
    const id = await result<string>(child);
    expect(await registry.getRun(id)).toMatchObject({ status: 'running', params: { epochs: 1 } });
    expect((await registry.readMetrics(id)).loss).toMatchObject([{ step: 0, value: 0.5 }]);
  });
});
