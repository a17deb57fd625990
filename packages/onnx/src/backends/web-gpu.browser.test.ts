import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import type { ExecutionProvider } from '../execution-provider.js';
import type { Runtime } from '../runtime.js';
import { convGemmModel, slowModel } from '../testing/models.js';
import { runtimeConformance } from '../testing/runtime-conformance.js';
import { onnxruntimeWeb } from './web.js';

const { gpu, ml } = navigator as {
  gpu?: { requestAdapter(): Promise<unknown> };
  ml?: { createContext(): Promise<unknown> };
};
const canWebGpu = Boolean(await gpu?.requestAdapter().catch(() => undefined));
const canWebNn = Boolean(await ml?.createContext().catch(() => undefined));

/** The runtime with another default provider. */
function on(provider: string | ExecutionProvider): Runtime {
  const runtime = onnxruntimeWeb();
  return {
    name: runtime.name,
    createSession: (model, options) => runtime.createSession(model, { executionProviders: [provider], ...options }),
  };
}

if (canWebGpu) runtimeConformance('onnxruntime-web on webgpu', { create: () => on('webgpu'), slowSide: 128 });
if (canWebNn) runtimeConformance('onnxruntime-web on webnn', { create: () => on('webnn'), slowSide: 128 });

describe('providers of onnxruntimeWeb', () => {
  it.skipIf(!canWebGpu)(`computes every node on webgpu${canWebGpu ? '' : ' (skipped: no adapter here)'}`, async () => {
    const provider = { name: 'webgpu', preferredLayout: 'NHWC', storageBufferCacheMode: 'simple' } as const;
    const session = await onnxruntimeWeb().createSession(convGemmModel(), {
      executionProviders: [provider, 'wasm'],
      cpuFallback: false,
    });
    expect([session.provider, session.refused, session.cpuFallback]).toEqual(['webgpu', [], false]);
    const x = tensor('float32', [1, 1, 3, 3], new Float32Array(9).fill(1));
    expect((await session.run({ x })).y!.data).toEqual(new Float32Array([20, -20]));
    await session.close();
  });

  it.skipIf(!canWebGpu)(`takes turns on webgpu${canWebGpu ? '' : ' (skipped: no adapter here)'}`, async () => {
    const sessions = await Promise.all([1, 2, 3].map(() => on('webgpu').createSession(slowModel(64))));
    const x = tensor('float32', [64, 64]);
    const results = await Promise.all(sessions.flatMap((session) => [session.run({ x }), session.run({ x })]));
    expect(results.map(({ y }) => y!.dims)).toEqual(Array(6).fill([64, 64]));
    await Promise.all(sessions.map((session) => session.close()));
  });

  it.skipIf(canWebGpu)(`says that webgpu lacks an adapter${canWebGpu ? ' (skipped: there is one)' : ''}`, async () => {
    const created = on('webgpu').createSession(convGemmModel());
    await expect(created).rejects.toEqual(expect.objectContaining({ code: 'ONNX_PROVIDER_UNAVAILABLE' }));
    await expect(created).rejects.toThrow(/webgpu: .*WebGPU needs/);
  });

  it.skipIf(canWebNn)(`says that webnn is not there${canWebNn ? ' (skipped: it is)' : ''}`, async () => {
    const created = on('webnn').createSession(convGemmModel());
    await expect(created).rejects.toEqual(expect.objectContaining({ code: 'ONNX_PROVIDER_UNAVAILABLE' }));
    await expect(created).rejects.toThrow(/webnn: .*WebNN needs/);
  });

  it('falls back to wasm, and says why', async () => {
    const session = await onnxruntimeWeb().createSession(convGemmModel(), {
      executionProviders: ['webnn', 'webgpu', 'cuda', 'wasm'].filter(
        (name) => (name !== 'webgpu' || !canWebGpu) && (name !== 'webnn' || !canWebNn),
      ),
    });
    expect(session.provider).toBe('wasm');
    expect(session.refused.at(-1)).toMatchObject({ provider: 'cuda', reason: expect.stringContaining('not among') });
    const x = tensor('float32', [1, 1, 3, 3], new Float32Array(9).fill(1));
    expect((await session.run({ x })).y!.data).toEqual(new Float32Array([20, -20]));
    await session.close();
  });
});
