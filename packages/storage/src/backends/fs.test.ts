import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Storage } from '../storage.js';
import { storageConformance } from '../testing/index.js';
import { fsStorage } from './fs.js';
import { explainFsError } from './fs-errors.js';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

storageConformance('fs', {
  listed: 500,
  async create() {
    const folder = await mkdtemp(join(tmpdir(), 'percept-storage-'));
    return { storage: fsStorage(join(folder, 'root')), cleanup: () => rm(folder, { recursive: true }) };
  },
});

let folder: string;
let root: string;
let storage: Storage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'percept-storage-'));
  root = join(folder, 'root');
  storage = fsStorage(root);
});
afterEach(() => rm(folder, { recursive: true }));

async function keys(prefix?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of storage.list(prefix)) found.push(key);
  return found;
}

/** Runs a module in another process, in which `storage` is on the same folder. `before` is a command to run it under. */
function start(script: string, before: readonly string[] = []): ChildProcessWithoutNullStreams {
  const module = `
    import { fsStorage } from '@percept/storage/backends/fs';
    const root = ${JSON.stringify(root)};
    const storage = fsStorage(root);
    const codeOf = (promise) => promise.then(() => 'fine', (error) => error.code + ' ' + error.message);
    ${script}`;
  const node = ['--conditions=@percept/source', '--import', 'tsx', '--input-type=module', '--eval', module];
  const [command, ...rest] = [...before, process.execPath, ...node];
  return spawn(command!, rest, { cwd: repository });
}

/** What a process printed as JSON, once it has ended well. */
async function result<T>(child: ChildProcessWithoutNullStreams): Promise<T> {
  const output = { out: '', error: '' };
  child.stdout.on('data', (chunk) => (output.out += chunk));
  child.stderr.on('data', (chunk) => (output.error += chunk));
  const [code] = await once(child, 'close');
  expect(code, output.error).toBe(0);
  return JSON.parse(output.out) as T;
}

describe('fsStorage among processes', () => {
  it('shows nothing half-written after kill -9, and goes on writing', async () => {
    await storage.write('kept', new TextEncoder().encode('old'));
    const child = start(`
      async function* slow() {
        for (let index = 0; ; index++) {
          yield new Uint8Array(65536);
          if (index === 3) console.log('writing');
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }
      await Promise.all([storage.write('kept', slow()), storage.write('deep/er/fresh', slow(), { ifAbsent: true })]);
    `);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');

    expect(await readdir(join(root, '.percept-tmp'))).toHaveLength(2);
    expect(await keys()).toEqual(['kept']);
    expect(await keys('.percept')).toEqual([]);
    expect(new TextDecoder().decode(await storage.read('kept'))).toBe('old');
    await storage.write('deep/er/fresh', Uint8Array.of(1), { ifAbsent: true });
    expect(await keys()).toEqual(['deep/er/fresh', 'kept']);
  });

  it('lets exactly one process win each ifAbsent race', async () => {
    const rounds = 40;
    const racers = Array.from({ length: 3 }, (_, racer) =>
      start(`
        const won = [];
        console.error('ready');
        while (!(await storage.stat('go'))) await new Promise((resolve) => setTimeout(resolve, 1));
        for (let round = 0; round < ${rounds}; round++) {
          const code = await codeOf(storage.write('race/' + round, Uint8Array.of(${racer}), { ifAbsent: true }));
          if (code === 'fine') won.push(round);
          else if (!code.startsWith('STORAGE_EXISTS')) won.push(code);
        }
        console.log(JSON.stringify(won));
      `),
    );
    const ready = Promise.all(racers.map((racer) => once(racer.stderr, 'data')));
    const results = Promise.all(racers.map((racer) => result<number[]>(racer)));
    await ready;
    await storage.write('go', new Uint8Array());
    const wins = await results;
    expect(wins.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: rounds }, (_, round) => round));
    for (const [racer, rounds] of wins.entries()) {
      for (const round of rounds) expect(await storage.read(`race/${round}`)).toEqual(Uint8Array.of(racer));
    }
    expect(await readdir(join(root, '.percept-tmp'))).toEqual([]);
  });

  it('loses no update of any process, and no process to a lock of a dead one', async () => {
    const steps = 15;
    const racers = Array.from({ length: 3 }, () =>
      start(`
        import { updateObject } from '@percept/storage';
        for (let step = 0; step < ${steps}; step++) {
          await updateObject(storage, 'count', (bytes) => Buffer.from(String(Number(Buffer.from(bytes ?? '')) + 1)));
        }
        console.log('0');
      `),
    );
    // Dies while it holds the lock.
    const victim = start(`
      import { withKeyLock } from '${new URL('./fs-lock.ts', import.meta.url).pathname}';
      await storage.write('victim', new Uint8Array());
      await withKeyLock(root + '/.percept-tmp', 'count', () => process.kill(process.pid, 'SIGKILL'));
    `);
    await Promise.all([...racers.map((racer) => result(racer)), once(victim, 'close')]);
    expect(new TextDecoder().decode(await storage.read('count'))).toBe(String(3 * steps));
    await storage.write('count', new Uint8Array(), { ifMatch: (await storage.stat('count'))?.version });
    expect(await readdir(join(root, '.percept-tmp'))).toEqual([]);
  });

  const maySetOwnMounts = spawnSync('unshare', ['-rm', 'true']).status === 0;
  const fullDisk = maySetOwnMounts ? it : it.skip;
  fullDisk(`explains a full and a read-only disk${maySetOwnMounts ? '' : ' (no mount namespaces here)'}`, async () => {
    await mkdir(root);
    const mount = `mount -t tmpfs -o size=256k percept "$0" && exec "$@"`;
    const answer = await result<Record<string, unknown>>(
      start(
        `
        import { readdir } from 'node:fs/promises';
        import { execFileSync } from 'node:child_process';
        await storage.write('kept', Uint8Array.of(7));
        const full = await codeOf(storage.write('large', new Uint8Array(1_000_000)));
        const streamed = await codeOf(storage.write('kept', (async function* () {
          for (;;) yield new Uint8Array(10_000);
        })()));
        const left = await readdir(root + '/.percept-tmp');
        const next = await codeOf(storage.write('small', new Uint8Array(1000)));
        const found = [];
        for await (const { key, size } of storage.list()) found.push([key, size]);
        execFileSync('mount', ['-o', 'remount,ro', root]);
        const readOnly = await codeOf(storage.write('b', new Uint8Array(1)));
        const readOnlyDelete = await codeOf(storage.delete('small'));
        console.log(JSON.stringify({ full, streamed, left, next, found, readOnly, readOnlyDelete }));
      `,
        ['unshare', '-rm', 'sh', '-c', mount, root],
      ),
    );
    expect(answer).toMatchObject({
      full: expect.stringMatching(/^STORAGE_FULL .*large.*df -h/),
      streamed: expect.stringMatching(/^STORAGE_FULL /),
      left: [],
      next: 'fine',
      found: [
        ['kept', 1],
        ['small', 1000],
      ],
      readOnly: expect.stringMatching(/^STORAGE_READ_ONLY .*read-only/),
      readOnlyDelete: expect.stringMatching(/^STORAGE_READ_ONLY /),
    });
  });

  it.skipIf(process.platform !== 'linux')('refuses a place that takes no folders (Linux: /proc)', async () => {
    const write = fsStorage('/proc/percept/deep').write('a', new Uint8Array(1));
    await expect(write).rejects.toMatchObject({ code: 'STORAGE_READ_ONLY' });
  });

  it.skipIf(process.platform === 'win32')('explains missing permissions', async () => {
    await storage.write('secret/a', Uint8Array.of(1));
    const answer = await result<string[]>(
      start(`
        import { chmodSync } from 'node:fs';
        chmodSync(${JSON.stringify(folder)}, 0o755);
        chmodSync(root + '/.percept-tmp', 0o555);
        chmodSync(root + '/secret', 0);
        if (process.getuid() === 0) process.setuid(65534);
        const answers = [
          await codeOf(storage.write('a', new Uint8Array(1))),
          await codeOf(storage.read('secret/a')),
          await codeOf(storage.stat('secret/a')),
          await codeOf(storage.list('secret/').next()),
          await codeOf(storage.delete('secret/a')),
        ];
        if (process.getuid() !== 65534) chmodSync(root + '/secret', 0o755);
        console.log(JSON.stringify(answers));
      `),
    );
    for (const text of answer) expect(text).toMatch(/^STORAGE_PERMISSION .*root.*permission denied/);
  });
});

describe('fsStorage', () => {
  it('needs no folder until it writes', async () => {
    expect(await keys()).toEqual([]);
    await storage.delete('a');
    await expect(readdir(root)).rejects.toThrow('ENOENT');
    await storage.write('a', new Uint8Array());
    expect((await readdir(root)).sort()).toEqual(['.percept-tmp', 'a']);
  });

  it('removes what writers that died left behind a day ago', async () => {
    const temporary = join(root, '.percept-tmp');
    await mkdir(temporary, { recursive: true });
    await writeFile(join(temporary, 'abandoned'), 'x');
    await writeFile(join(temporary, 'in-work'), 'x');
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(join(temporary, 'abandoned'), yesterday, yesterday);
    await storage.write('a', new Uint8Array());
    expect(await readdir(temporary)).toEqual(['in-work']);
  });

  it('is not held up by empty folders that a writer left when it died', async () => {
    for (const [key, ifAbsent] of [
      ['a', false],
      ['b', true],
    ] as const) {
      await mkdir(join(root, key, 'deep', 'er'), { recursive: true });
      await storage.write(key, Uint8Array.of(1), { ifAbsent });
      expect(await storage.read(key)).toEqual(Uint8Array.of(1));
    }
  });

  it('removes folders that have become empty, and only those', async () => {
    await storage.write('a/b/c', new Uint8Array());
    await storage.write('a/d', new Uint8Array());
    await storage.delete('a/b/c');
    expect(await readdir(join(root, 'a'))).toEqual(['d']);
    await storage.delete('a/d');
    expect(await readdir(root)).toEqual(['.percept-tmp']);
  });

  it.skipIf(process.platform === 'win32')('follows links inside its folder but none that lead out', async () => {
    await mkdir(join(folder, 'outside'));
    await writeFile(join(folder, 'outside', 'secret'), 'secret');
    await storage.write('inside/object', Uint8Array.of(1));
    await symlink(join(folder, 'outside'), join(root, 'escape'));
    await symlink(join(folder, 'outside', 'secret'), join(root, 'secret'));
    await symlink(join(root, 'inside', 'object'), join(root, 'alias'));
    await symlink(join(root, 'loop'), join(root, 'loop'));

    expect(await storage.read('alias')).toEqual(Uint8Array.of(1));
    const refusal = expect.objectContaining({ code: 'STORAGE_PERMISSION' });
    await expect(storage.read('escape/secret')).rejects.toThrow(refusal);
    await expect(storage.read('secret')).rejects.toThrow(refusal);
    await expect(storage.stat('escape/secret')).rejects.toThrow(refusal);
    await expect(storage.write('escape/new', new Uint8Array())).rejects.toThrow(refusal);
    await expect(storage.write('escape/deep/new', new Uint8Array())).rejects.toThrow(refusal);
    await expect(storage.delete('escape/secret')).rejects.toThrow(refusal);
    await expect(storage.list('escape/')[Symbol.asyncIterator]().next()).rejects.toThrow(refusal);
    await expect(storage.read('loop')).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_NOT_FOUND' }));
    expect(await keys()).toEqual(['alias', 'inside/object']);
    expect(await readdir(join(folder, 'outside'))).toEqual(['secret']);
    // A write replaces the link, not what it leads to.
    await storage.write('secret', Uint8Array.of(2));
    expect(await storage.read('secret')).toEqual(Uint8Array.of(2));
  });

  it.skipIf(process.platform === 'win32')('does not hang on a named pipe', async () => {
    await mkdir(root);
    spawnSync('mkfifo', [join(root, 'pipe')]);
    await expect(storage.read('pipe')).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_NOT_FOUND' }));
    expect(await keys()).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('neither replaces nor deletes what is no file', async () => {
    await mkdir(root);
    spawnSync('mkfifo', [join(root, 'pipe')]);
    for (const ifAbsent of [true, false]) {
      await expect(storage.write('pipe', Uint8Array.of(1), { ifAbsent })).rejects.toThrow(
        expect.objectContaining({ code: 'STORAGE_KEY_CONFLICT' }),
      );
    }
    await storage.delete('pipe');
    expect((await lstat(join(root, 'pipe'))).isFIFO()).toBe(true);
  });

  it('reads what began whole, also when it is replaced or deleted meanwhile', async () => {
    await storage.write('a', new Uint8Array(1_000_000).fill(1));
    let length = 0;
    for await (const chunk of storage.readStream('a')) {
      expect(chunk.every((byte) => byte === 1)).toBe(true);
      length += chunk.length;
      await storage.write('a', Uint8Array.of(2));
      await storage.delete('a');
    }
    expect(length).toBe(1_000_000);
  });

  it.each(['', 'a\0', 3 as unknown as string])('refuses the root %j', (path) => {
    expect(() => fsStorage(path)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('explains every refusal of the system and leaves other errors alone', () => {
    const explained = (code: string, syscall = 'write') =>
      explainFsError(Object.assign(new Error(code), { code, syscall }), 'write', '/data/a') as {
        code: string;
        message: string;
      };
    expect(explained('EPERM', 'link').code).toBe('STORAGE_UNSUPPORTED');
    expect(explained('EPERM').code).toBe('STORAGE_PERMISSION');
    expect(explained('EXDEV', 'rename').code).toBe('STORAGE_UNSUPPORTED');
    expect(explained('EDQUOT').code).toBe('STORAGE_FULL');
    expect(explained('EFBIG').code).toBe('STORAGE_FULL');
    expect(explained('ENAMETOOLONG').code).toBe('STORAGE_INVALID_KEY');
    expect(explained('EIO').code).toBe('STORAGE_FAILED');
    expect(explained('EIO').message).toContain('/data/a');
    const other = new TypeError('x');
    expect(explainFsError(other, 'write', '/data/a')).toBe(other);
  });
});
