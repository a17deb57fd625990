import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of memory that this process holds, once its garbage is collected. */
export async function residentMemory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Memory outside of the heap is given back a turn later.
  for (let round = 0; round < 3; round++) {
    collect();
    await pause(5);
  }
  return process.memoryUsage.rss();
}
