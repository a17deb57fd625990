import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { convGemmModel, identityModel, slowModel } from '../testing/models.js';
import { runtimeConformance } from '../testing/runtime-conformance.js';
import { onnxruntimeWeb } from './web.js';

runtimeConformance('onnxruntime-web in its worker', { create: () => onnxruntimeWeb({ worker: true }) });

describe('onnxruntimeWeb({ worker: true })', () => {
  it('leaves the page responsive while it computes', async () => {
    const session = await onnxruntimeWeb({ worker: true }).createSession(slowModel());
    let ticks = 0;
    const timer = setInterval(() => ticks++, 2);
    await session.run({ x: tensor('float32', [512, 512]) });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
    await session.close();
  });

  it('leaves feeds to their owner unless they are handed over', async () => {
    const session = await onnxruntimeWeb({ worker: true }).createSession(identityModel('float32'));
    const owned = new Float32Array([1, 2, 3]);
    for (const transfer of [false, true]) {
      const { y } = await session.run({ x: tensor('float32', [3], owned) }, { transfer });
      expect(y!.data).toEqual(new Float32Array([1, 2, 3]));
      expect(owned).toHaveLength(transfer ? 0 : 3);
    }
    const part = new Float32Array(4).subarray(1);
    await session.run({ x: tensor('float32', [3], part) }, { transfer: true });
    expect(part).toHaveLength(3);
    await session.close();
  });

  it('answers models that are opened and refused at the same time each for itself', async () => {
    const runtime = onnxruntimeWeb({ worker: true });
    const created = await Promise.allSettled([
      runtime.createSession(new Uint8Array([1, 2, 3])),
      runtime.createSession(convGemmModel()),
      runtime.createSession(new Uint8Array([4])),
      runtime.createSession(identityModel('int8')),
    ]);
    expect(created.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    for (const result of created) if (result.status === 'fulfilled') await result.value.close();
  });

  it('refuses providers that need the page, and another setting in the same page', async () => {
    const onGpu = onnxruntimeWeb({ worker: true }).createSession(convGemmModel(), { executionProviders: ['webgpu'] });
    await expect(onGpu).rejects.toEqual(expect.objectContaining({ code: 'ONNX_PROVIDER_UNAVAILABLE' }));
    await expect(onGpu).rejects.toThrow(/without worker/);
    const other = onnxruntimeWeb().createSession(convGemmModel());
    await expect(other).rejects.toEqual(expect.objectContaining({ code: 'ONNX_RUNTIME_CONFLICT' }));
  });
});
