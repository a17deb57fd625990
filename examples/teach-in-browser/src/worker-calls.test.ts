import { PerceptError } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { PlainError } from './plain-error.js';
import { answerCalls, type CallContext, WorkerCalls } from './worker-calls.js';

const functions = {
  double: async (value: number) => 2 * value,
  count: async (to: number, { report }: CallContext<number>) => {
    for (let at = 1; at <= to; at++) report(at);
    return 'done';
  },
  wait: (_: undefined, { signal }: CallContext) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new PerceptError('ABORTED', 'stopped')));
    }),
  fail: async (how: 'plain' | 'coded' | 'other') => {
    if (how === 'plain') throw new PlainError('in words');
    if (how === 'coded') throw new PerceptError('STORAGE_FULL', 'no room');
    throw new TypeError('odd');
  },
};

/** Both ends, with a channel between them instead of a thread. */
function connected(): { calls: WorkerCalls<typeof functions>; page: EventTarget; close(): void } {
  const { port1, port2 } = new MessageChannel();
  answerCalls(functions, port2 as unknown as DedicatedWorkerGlobalScope);
  const calls = new WorkerCalls<typeof functions>(port1 as unknown as Worker);
  port1.start();
  port2.start();
  return { calls, page: port1 as unknown as EventTarget, close: () => port1.close() };
}

describe('calls into a worker', () => {
  it('give what its functions give, with reports on the way', async () => {
    const { calls, close } = connected();
    expect(await Promise.all([calls.call('double', 4), calls.call('double', 5)])).toEqual([8, 10]);
    const reports: number[] = [];
    expect(await calls.call('count', 3, { onReport: (at) => void reports.push(at) })).toBe('done');
    expect(reports).toEqual([1, 2, 3]);
    close();
  });

  it('can be stopped', async () => {
    const { calls, close } = connected();
    const controller = new AbortController();
    const waiting = calls.call('wait', undefined, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    close();
  });

  it('reject with the same kind of error', async () => {
    const { calls, close } = connected();
    await expect(calls.call('fail', 'plain')).rejects.toThrow(PlainError);
    await expect(calls.call('fail', 'coded')).rejects.toMatchObject({ code: 'STORAGE_FULL', message: 'no room' });
    await expect(calls.call('fail', 'other')).rejects.toThrow('odd');
    close();
  });

  it('reject when the worker has ended, and from then on', async () => {
    const { calls, page, close } = connected();
    const waiting = calls.call('wait', undefined);
    page.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
    await expect(waiting).rejects.toThrow('Reload the page. (out of memory)');
    await expect(calls.call('double', 1)).rejects.toThrow('has stopped');
    close();
  });
});
