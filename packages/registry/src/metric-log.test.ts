import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MetricLog } from './metric-log.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const stepsOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).step as number);

describe('MetricLog', () => {
  it('collects for a second, later for a hundredth of its age', async () => {
    const files: number[][] = [];
    const log = new MetricLog(async (text) => files.push(stepsOf(text)));
    for (const step of [0, 1, 2]) await log.add({ loss: 1 }, step);
    await vi.advanceTimersByTimeAsync(999);
    expect(files).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(files).toEqual([[0, 1, 2]]);
    await vi.advanceTimersByTimeAsync(600_000);
    await log.add({ loss: 1 }, 3);
    await vi.advanceTimersByTimeAsync(5900);
    expect(files).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(files).toEqual([[0, 1, 2], [3]]);
  });

  it('writes at a thousand lines without waiting', async () => {
    const files: number[][] = [];
    const log = new MetricLog(async (text) => files.push(stepsOf(text)));
    for (let step = 0; step < 1000; step++) await log.add({ loss: 1 }, step);
    expect(files.map((file) => file.length)).toEqual([1000]);
  });

  it('tells of a failed write at the next call, once, and loses nothing', async () => {
    const files: number[][] = [];
    let broken = true;
    const log = new MetricLog(async (text) => {
      if (broken) throw new RangeError('disk');
      files.push(stepsOf(text));
    });
    await log.add({ loss: 1 }, 0);
    await vi.advanceTimersByTimeAsync(1000);
    await expect(log.add({ loss: 1 }, 1)).rejects.toThrow('disk');
    await log.add({ loss: 1 }, 2);
    await expect(log.flush()).rejects.toThrow('disk');
    broken = false;
    await log.flush();
    expect(files).toEqual([[0, 1, 2]]);
  });

  it('keeps the order while a write is slow', async () => {
    const files: number[][] = [];
    const log = new MetricLog(async (text) => {
      await new Promise((resolve) => setTimeout(resolve, 5000));
      files.push(stepsOf(text));
    });
    await log.add({ loss: 1 }, 0);
    await vi.advanceTimersByTimeAsync(1500);
    await log.add({ loss: 1 }, 1);
    await vi.advanceTimersByTimeAsync(1500);
    await log.add({ loss: 1 }, 2);
    const flushed = log.flush();
    await vi.advanceTimersByTimeAsync(20_000);
    await flushed;
    expect(files).toEqual([[0], [1, 2]]);
  });
});
