import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyedRandom } from '@percept/core';
import { listDatasetVersions, openDatasetVersion } from '@percept/data';
import { fsStorage } from '@percept/storage/backends/fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type LoopFigures, runLoop, startLoop } from '../setup/run-loop.js';

const folder = mkdtempSync(join(tmpdir(), 'percept-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Figures that training and packing decide; how many corrections a killed drive leaves may differ. */
const decided = ({ top1, int8Top1, floatBytes, int8Bytes, failedRequests }: LoopFigures) => ({
  top1,
  int8Top1,
  floatBytes,
  int8Bytes,
  failedRequests,
});

describe('kill -9 at any moment, then the same command again', () => {
  it('finishes with the same weights, and never lists anything half-written', async () => {
    const whole = await runLoop(['--quick', '--no-serve', '--out', join(folder, 'whole'), '--port', '0']);
    expect(whole.code, whole.errors).toBe(0);

    const out = join(folder, 'killed');
    const args = ['--quick', '--no-serve', '--out', out, '--port', '0'];
    const moments = keyedRandom('kill moments');
    for (let round = 0; round < 8; round++) {
      const child = startLoop(args);
      const ended = new Promise((resolve) => child.on('close', resolve));
      await sleep(moments.uniform(0.8, Math.min(12, whole.figures.seconds)) * 1000);
      child.kill('SIGKILL');
      await ended;
      const data = fsStorage(join(out, 'clothing-quick', 'data'));
      for (const version of await listDatasetVersions(data)) {
        for (const split of Object.keys(version.splits)) {
          const source = await (await openDatasetVersion(data, version.id)).split(split);
          await source.read(source.length - 1);
        }
      }
    }
    const resumed = await runLoop(args);
    expect(resumed.code, resumed.errors).toBe(0);
    expect(decided(resumed.figures)).toEqual(decided(whole.figures));
  });
});
