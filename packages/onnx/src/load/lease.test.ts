import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it, vi } from 'vitest';
import { withLease } from './lease.js';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const undone = async (): Promise<undefined> => undefined;

describe('withLease', () => {
  it('lets one work at a time, and tells the others what it found', async () => {
    const storage = memoryStorage();
    let result: string | undefined;
    let working = 0;
    const call = (name: string): Promise<string> =>
      withLease(
        storage,
        'lease',
        {
          isDone: async () => result,
          async work() {
            expect(++working).toBe(1);
            await new Promise((resolve) => setTimeout(resolve, 50));
            working--;
            result = name;
            return name;
          },
        },
        {},
      );
    const results = await Promise.all(['a', 'b', 'c'].map(call));
    expect(new Set(results).size).toBe(1);
    expect(await storage.stat('lease')).toBeUndefined();
  });

  it('hands the lease on when the work fails', async () => {
    const storage = memoryStorage();
    const work = async (): Promise<string> => {
      throw new Error('broken');
    };
    await expect(withLease(storage, 'lease', { isDone: undone, work }, {})).rejects.toThrow('broken');
    expect(await withLease(storage, 'lease', { isDone: undone, work: async () => 'ok' }, {})).toBe('ok');
  });

  it.each([
    ['of a process that was killed', encode({ holder: 'dead', at: Date.now() - 60_000 })],
    ['that is damaged', new TextEncoder().encode('{')],
  ])('takes over a lease %s', async (_, lease) => {
    const storage = memoryStorage();
    await storage.write('lease', lease);
    expect(await withLease(storage, 'lease', { isDone: undone, work: async () => 'mine' }, {})).toBe('mine');
  });

  it('does not come back by a sign of life that was under way when the work ended', async () => {
    const storage = memoryStorage();
    const slow = Object.assign(Object.create(storage) as typeof storage, {
      async write(...[key, data, options]: Parameters<typeof storage.write>) {
        if (options?.ifAbsent !== true) await new Promise((resolve) => setTimeout(resolve, 30));
        return storage.write(key, data, options);
      },
    });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const work = async (): Promise<string> => {
        vi.advanceTimersByTime(2_000);
        return 'done';
      };
      expect(await withLease(slow, 'lease', { isDone: undone, work }, {})).toBe('done');
    } finally {
      vi.useRealTimers();
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await storage.stat('lease')).toBeUndefined();
  });

  it('waits for a holder that is alive, until it is told to stop', async () => {
    const storage = memoryStorage();
    await storage.write('lease', encode({ holder: 'alive', at: Date.now() }));
    const work = async (): Promise<string> => 'never';
    const signal = AbortSignal.timeout(300);
    await expect(withLease(storage, 'lease', { isDone: undone, work }, { signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
