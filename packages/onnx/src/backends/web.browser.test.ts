import { describe, expect, it } from 'vitest';
import { convGemmModel } from '../testing/models.js';
import { runtimeConformance } from '../testing/runtime-conformance.js';
import { onnxruntimeWeb } from './web.js';

runtimeConformance('onnxruntime-web', { create: () => onnxruntimeWeb() });

describe('onnxruntimeWeb', () => {
  it('runs on WebAssembly', async () => {
    const session = await onnxruntimeWeb().createSession(convGemmModel());
    expect(session.provider).toBe('wasm');
    await session.close();
  });

  it('uses threads where the page is cross-origin isolated', async () => {
    const session = await onnxruntimeWeb().createSession(convGemmModel(), { threads: 2 });
    const { env } = await import('onnxruntime-web/wasm');
    expect(env.wasm.numThreads).toBe(globalThis.crossOriginIsolated ? 2 : 1);
    await session.close();
  });

  it('refuses a path to write to', async () => {
    const created = onnxruntimeWeb().createSession(convGemmModel(), { optimizedModelPath: 'optimized.onnx' });
    await expect(created).rejects.toEqual(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
