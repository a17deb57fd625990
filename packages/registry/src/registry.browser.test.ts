import { memoryStorage } from '@percept/storage/backends/memory';
import { expect, it } from 'vitest';
import { openRegistry } from './index.js';

it('registers, aliases, tracks and resolves in a browser', async () => {
  const registry = openRegistry(memoryStorage());
  const run = await registry.startRun({ experiment: 'clothing', params: { epochs: 1 } });
  await run.logMetrics({ loss: Number.NaN }, 0);
  await run.finish();
  const { digest, version } = await registry.registerModel('clothing', new TextEncoder().encode('one'), {
    runId: run.id,
  });
  await registry.setAlias('clothing', 'production', version);
  const model = await registry.resolver().resolve('models:/clothing@production');
  expect(model).toMatchObject({ name: 'clothing', version: 1, digest });
  expect(digest).toBe('sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed');
  expect((await registry.readMetrics(run.id)).loss?.[0]?.value).toBeNaN();
  expect((await registry.lineage('run', run.id)).edges).toHaveLength(1);
});
