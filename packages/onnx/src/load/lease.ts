import { isPerceptError, type LongCallOptions, throwIfAborted } from '@percept/core';
import type { Storage } from '@percept/storage';

/** How often a holder says that it is alive, and after how long a silent one counts as dead, in milliseconds. */
const heartbeat = 2_000;
const expiry = 15_000;
/** How often one that waits looks again, in milliseconds. */
const patience = 200;

const encoder = new TextEncoder();

/**
 * Runs `work` while no other process of the machine does so under the same key. A process that dies in it is succeeded
 * after 15 seconds. `isDone` is asked before every try; when it says so, there is nothing left to do.
 *
 * @returns what `work` or `isDone` gave
 */
export async function withLease<Result>(
  storage: Storage,
  key: string,
  { isDone, work }: { isDone(): Promise<Result | undefined>; work(): Promise<Result> },
  { signal }: Pick<LongCallOptions, 'signal'>,
): Promise<Result> {
  const holder = globalThis.crypto.randomUUID();
  for (;;) {
    throwIfAborted(signal);
    const done = await isDone();
    if (done !== undefined) return done;
    if (await acquire(storage, key, holder)) break;
    await new Promise((resolve) => setTimeout(resolve, patience));
  }
  let beat = Promise.resolve();
  const timer = setInterval(() => {
    beat = write(storage, key, holder).catch(() => {});
  }, heartbeat);
  try {
    // Another one may have finished between the question and the lease.
    return (await isDone()) ?? (await work());
  } finally {
    clearInterval(timer);
    // One under way would bring the lease back.
    await beat;
    await storage.delete(key).catch(() => {});
  }
}

/** Whether somebody holds the lease under a key and is alive. */
export async function isHeld(storage: Storage, key: string): Promise<boolean> {
  return (await storage.stat(key)) !== undefined && Date.now() - (await lastSign(storage, key)) < expiry;
}

async function acquire(storage: Storage, key: string, holder: string): Promise<boolean> {
  try {
    await write(storage, key, holder, { ifAbsent: true });
    return true;
  } catch (error) {
    if (!isPerceptError(error, 'STORAGE_EXISTS')) throw error;
  }
  const info = await storage.stat(key);
  if (info === undefined || (await isHeld(storage, key))) return false;
  try {
    await write(storage, key, holder, info.version === undefined ? {} : { ifMatch: info.version });
    return true;
  } catch (error) {
    // Somebody else was quicker, or the holder came back.
    if (isPerceptError(error, 'STORAGE_CHANGED')) return false;
    throw error;
  }
}

async function write(
  storage: Storage,
  key: string,
  holder: string,
  options: { ifAbsent?: boolean; ifMatch?: string } = {},
): Promise<void> {
  await storage.write(key, encoder.encode(JSON.stringify({ holder, at: Date.now() })), options);
}

/** When the holder was last heard of, in milliseconds since the epoch; now where it just left. */
async function lastSign(storage: Storage, key: string): Promise<number> {
  try {
    const { at } = JSON.parse(new TextDecoder().decode(await storage.read(key))) as { at?: number };
    return at ?? 0;
  } catch (error) {
    if (isPerceptError(error, 'STORAGE_NOT_FOUND')) return Date.now();
    return 0;
  }
}
