import { expect, it } from 'vitest';
import { convGemmModel } from '../testing/models.js';
import { residentMemory } from '../testing/resident-memory.js';
import { runtimeConformance } from '../testing/runtime-conformance.js';
import { onnxruntimeWeb } from './web.js';

runtimeConformance('onnxruntime-web in Node', { create: () => onnxruntimeWeb(), memory: residentMemory });

it('onnxruntimeWeb uses one thread where there is no cross-origin isolation', async () => {
  const session = await onnxruntimeWeb().createSession(convGemmModel(), { threads: 4 });
  const { env } = await import('onnxruntime-web/wasm');
  expect([session.provider, env.wasm.numThreads]).toEqual(['wasm', 1]);
  await session.close();
});
