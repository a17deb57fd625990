// One writer per key at a time, also among processes: a file that only one of them can create. It is held while a
// finished file gets its name, for a fraction of a millisecond. What a process that died leaves is taken away: at once
// if it ran on this host, after half a minute if not. Hosts that share a folder must agree on the time to seconds.
import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { PerceptError } from '@percept/core';

/** A lock of a process on another host, or one that does not say whose it is, counts as left behind after this. */
const abandonedAfterMs = 30_000;
/** Longest wait for others before giving up. */
const patienceMs = 60_000;
const longestPauseMs = 20;

/** Does `work` while no other `withKeyLock` of the same key and folder is at work. `folder` exists. */
export async function withKeyLock<T>(folder: string, key: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, `lock-${createHash('sha256').update(key).digest('hex').slice(0, 40)}`);
  const mine = `${hostname()} ${process.pid} ${randomUUID()}`;
  await acquire(path, mine, key);
  try {
    return await work();
  } finally {
    // Only one's own: whoever was suspended for so long that others took the lock away leaves theirs alone.
    if ((await holderOf(path)) === mine) await rm(path, { force: true }).catch(() => {});
  }
}

async function acquire(path: string, mine: string, key: string): Promise<void> {
  const start = Date.now();
  for (let attempt = 1; ; attempt++) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await holderOf(path);
    if (holder !== undefined && (await isAbandoned(path, holder))) await takeAway(path, holder);
    else if (Date.now() - start > patienceMs) throw neverFree(path, key, holder);
    else await new Promise((resolve) => setTimeout(resolve, Math.min(attempt, longestPauseMs) * Math.random()));
  }
}

async function holderOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function isAbandoned(path: string, holder: string): Promise<boolean> {
  const [host, pid] = holder.split(' ');
  if (host === hostname() && pid !== undefined) return !isAlive(Number(pid));
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > abandonedAfterMs;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: alive, and someone else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Several may come to take it away, and one of them may already hold it anew: then that one gets it back. */
async function takeAway(path: string, holder: string): Promise<void> {
  const aside = `${path}-${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await holderOf(aside)) !== holder) await link(aside, path);
  } catch {
    // Another was quicker.
  } finally {
    await rm(aside, { force: true }).catch(() => {});
  }
}

function neverFree(path: string, key: string, holder: string | undefined): PerceptError {
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not lock "${key}": ${holder || 'another writer'} has held ${path} for ${patienceMs / 1000} s; end that process, or remove the file if there is none`,
    { details: { key, path, holder } },
  );
}
