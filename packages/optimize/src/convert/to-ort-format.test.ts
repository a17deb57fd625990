import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyedRandom } from '@percept/core';
import { expect, it } from 'vitest';
import { normal, relativeDifference, residualNetwork, run, runtime } from '../quantize/test-networks.fixture.js';
import { toOrtFormat } from './to-ort-format.js';

it.each([undefined, 'basic'] as const)(
  'toOrtFormat writes a file that computes the same (%s)',
  async (optimization) => {
    const folder = await mkdtemp(join(tmpdir(), 'percept-ort-'));
    try {
      const model = residualNetwork(1);
      const path = join(folder, 'model.ort');
      await toOrtFormat(model, { runtime, path, ...(optimization && { optimization }) });
      const bytes = await readFile(path);
      expect(bytes.subarray(4, 8).toString()).toBe('ORTM');
      const image = normal(keyedRandom('ort'), [2, 3, 16, 16]);
      const session = await runtime.createSession(bytes);
      const { logits } = await session.run({ input: image });
      await session.close();
      const expected = await run(model, image);
      expect(relativeDifference(expected.logits!.data as Float32Array, logits!.data as Float32Array)).toBeLessThan(
        1e-5,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
