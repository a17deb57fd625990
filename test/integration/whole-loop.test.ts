import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runLoop } from '../setup/run-loop.js';

const folder = mkdtempSync(join(tmpdir(), 'percept-whole-loop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const photos = process.env.PERCEPT_DATA;

describe('the whole loop', () => {
  it('reaches its figures on all 70,000 pictures', async () => {
    const { code, errors, figures } = await runLoop(['--no-serve', '--out', folder, '--port', '0']);
    expect(code, errors).toBe(0);
    expect(figures.top1).toBeGreaterThanOrEqual(0.9);
    expect(Math.abs(figures.int8Top1 - figures.top1)).toBeLessThanOrEqual(0.005);
    expect(figures.floatBytes).toBeGreaterThan(2_000_000);
    expect(figures.floatBytes / figures.int8Bytes).toBeGreaterThanOrEqual(3.5);
    expect(figures.driftBefore).toBeLessThan(0.1);
    expect(figures.driftAfter).toBeGreaterThan(0.25);
    expect(figures.retrainedTop1).toBeGreaterThanOrEqual(0.895);
    expect(figures.failedRequests).toBe(0);
  });

  it('runs unchanged on a folder of photos', async ({ skip }) => {
    skip(photos === undefined, 'PERCEPT_DATA is not set');
    const archive = join(photos!, 'cats-vs-dogs', 'cats-vs-dogs-224.tar');
    skip(!existsSync(archive), `${archive} is not there`);
    execFileSync('tar', ['xf', archive, '-C', folder]);
    const { code, errors, figures } = await runLoop([
      '--quick',
      '--no-serve',
      '--data',
      join(folder, 'cats-vs-dogs'),
      '--out',
      folder,
      '--port',
      '0',
    ]);
    expect(code, errors).toBe(0);
    expect(figures.failedRequests).toBe(0);
    expect(figures.top1).toBeGreaterThan(0.4);
  });
});
