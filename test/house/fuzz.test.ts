import { describe, expect, it } from 'vitest';
import { fuzz, targetNames } from '../fuzz/fuzz.js';

describe('fuzzing', () => {
  it.each(targetNames())('ends in an answer or a coded error: %s', async (target) => {
    const { passed, failures } = await fuzz({ targets: [target], to: 2000, seed: 1 });
    expect(failures).toEqual([]);
    expect(passed[target]).toBe(2000);
  });

  it('finds errors without a code, crashes, hangs and forgotten rejections, and goes on behind them', async () => {
    const name = '../fixtures/faulty';
    const { passed, failures } = await fuzz({ targets: [name], to: 24, seed: 1, processes: 1, patience: 1000 });
    const reasons = failures.map(({ reason }) => reason.split('\n')[0]);
    expect(reasons).toContain('TypeError: not coded');
    expect(reasons).toContain('it ended its process (SIGSEGV)');
    expect(reasons).toContain('it did not end within 1 s');
    expect(reasons).toContain('unhandledRejection: Error: nobody cares');
    expect(passed[name]).toBe(24 - failures.length);
    expect(failures.length).toBeLessThan(24);
  });
});
