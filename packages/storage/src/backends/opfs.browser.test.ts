import { afterAll, describe, expect, it } from 'vitest';
import { storageConformance } from '../testing/index.js';
import { opfsStorage } from './opfs.js';

const folders: string[] = [];

async function remove(folder: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(folder, { recursive: true }).catch(() => {});
}

afterAll(async () => {
  for (const folder of folders) await remove(folder);
});

function fresh(): string {
  const folder = `percept-test-${crypto.randomUUID()}`;
  folders.push(folder);
  return folder;
}

storageConformance('OPFS, in a window', {
  listed: 200,
  async create() {
    const folder = fresh();
    return { storage: opfsStorage(folder), cleanup: () => remove(folder) };
  },
});

describe('opfsStorage', () => {
  it('keeps workers and windows out of each other’s way', async () => {
    const folder = fresh();
    const steps = 10;
    const workers = Array.from(
      { length: 3 },
      () => new Worker(new URL('./opfs-worker.fixture.ts', import.meta.url), { type: 'module' }),
    );
    const wins = await Promise.all(
      workers.map(
        (worker) =>
          new Promise<number>((resolve, reject) => {
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = reject;
            worker.postMessage({ folder, steps });
          }),
      ),
    );
    for (const worker of workers) worker.terminate();
    expect(new TextDecoder().decode(await opfsStorage(folder).read('count'))).toBe(String(3 * steps));
    expect(wins.reduce((sum, won) => sum + won)).toBe(steps);
  });

  it('leaves nothing behind: no folders without objects, no temporary files', async () => {
    const folder = fresh();
    const storage = opfsStorage(folder);
    await storage.write('a/b/c', new Uint8Array(3));
    await storage.delete('a/b/c');
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder);
    const names: string[] = [];
    for await (const name of root.keys()) names.push(name);
    expect(names).toEqual(['.percept-tmp']);
    for await (const name of (await root.getDirectoryHandle('.percept-tmp')).keys()) expect(name).toBe('nothing');
  });

  it('gives way to a key where a closed page left empty folders', async () => {
    const folder = fresh();
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
    await root.getDirectoryHandle('a', { create: true });
    await opfsStorage(folder).write('a', Uint8Array.of(1));
    expect(await opfsStorage(folder).read('a')).toEqual(Uint8Array.of(1));
  });

  it.each(['../a', 'a//b', 3 as unknown as string])('refuses the folder %j', (folder) => {
    expect(() => opfsStorage(folder)).toThrow();
  });
});
