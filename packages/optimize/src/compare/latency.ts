import { type LongCallOptions, throwIfAborted } from '@percept/core';

/**
 * Times several calls against each other, in milliseconds per run. They alternate, and the first of a round rotates, so
 * that what else the machine does meets all of them alike.
 */
export async function interleavedLatencies(
  calls: readonly (() => Promise<unknown>)[],
  { runs, warmUp, signal, onProgress }: { runs: number; warmUp: number } & LongCallOptions,
): Promise<number[][]> {
  const times: number[][] = calls.map(() => []);
  for (let round = -warmUp; round < runs; round++) {
    throwIfAborted(signal);
    for (let turn = 0; turn < calls.length; turn++) {
      const index = (round + warmUp + turn) % calls.length;
      const started = performance.now();
      await calls[index]!();
      if (round >= 0) times[index]!.push(performance.now() - started);
    }
    if (round >= 0) onProgress?.({ stage: 'measure latency', done: round + 1, total: runs, unit: 'runs' });
  }
  return times;
}

/** A quantile of ascending numbers, interpolated linearly between neighbours (type 7 of Hyndman and Fan). */
export function quantile(ascending: readonly number[], share: number): number {
  const position = share * (ascending.length - 1);
  const below = ascending[Math.floor(position)]!;
  const above = ascending[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}
