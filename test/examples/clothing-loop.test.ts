import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { type LoopFigures, runLoop } from '../setup/run-loop.js';

const out = inject('loopFolder');
const first: LoopFigures = inject('loopFigures');

describe('the clothing loop on a tenth of the pictures', () => {
  it('learns, shrinks without losing accuracy, and notices the bad camera', () => {
    expect(first.top1).toBeGreaterThan(0.82);
    expect(Math.abs(first.int8Top1 - first.top1)).toBeLessThan(0.015);
    expect(first.floatBytes / first.int8Bytes).toBeGreaterThanOrEqual(3.5);
    expect(first.driftBefore).toBeLessThan(0.1);
    expect(first.driftAfter).toBeGreaterThan(0.25);
    expect(first.retrainedTop1).toBeGreaterThan(0.8);
    expect(first.failedRequests).toBe(0);
  });

  it('saves plots for people and an offline report', () => {
    const work = join(out, 'clothing-quick', 'work');
    for (const plot of ['loss', 'drift']) {
      expect(readFileSync(join(work, 'plots', `${plot}.svg`), 'utf8')).toMatch(/^<svg/);
      expect(
        readFileSync(join(work, 'plots', `${plot}.png`))
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
    }
    expect(existsSync(join(work, 'report.html'))).toBe(true);
  });

  it('reuses what is done the second time', async () => {
    const { figures, output } = await runLoop(['--quick', '--no-serve', '--out', out, '--port', '0']);
    expect({ ...figures, seconds: 0 }).toEqual({ ...first, seconds: 0 });
    expect(output.match(/\(done before\)/g)).toHaveLength(8);
  });
});
