import type { Runtime, Session, SessionOptions } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { pageRuntime } from './engine.js';

/** Notes where it was asked to compute, and fails on WebGPU in the way named. */
function fakeRuntime(fails: 'never' | 'loading' | 'computing'): Runtime & { asked: string[] } {
  const asked: string[] = [];
  return {
    name: 'fake',
    asked,
    async createSession(_: Uint8Array, { executionProviders = ['wasm'] }: SessionOptions = {}) {
      const provider = String(executionProviders[0]);
      asked.push(provider);
      if (fails === 'loading' && provider === 'webgpu') throw new Error('no such operator');
      const warmUp = async (): Promise<void> => {
        if (fails === 'computing' && provider === 'webgpu') throw new Error('device lost');
      };
      return { provider, warmUp } as Session;
    },
  };
}

const model = new Uint8Array(1);

describe('where the page computes', () => {
  it('is the graphics card where there is one', async () => {
    const runtime = fakeRuntime('never');
    const page = pageRuntime(runtime, true);
    expect((await page.createSession(model)).provider).toBe('webgpu');
    expect(page.engine()).toBe('webgpu');
  });

  it('is the processor where there is none', async () => {
    const runtime = fakeRuntime('never');
    const page = pageRuntime(runtime, false);
    expect((await page.createSession(model)).provider).toBe('wasm');
    expect([page.engine(), runtime.asked]).toEqual(['wasm', ['wasm']]);
  });

  it.each(['loading', 'computing'] as const)('is the processor once the graphics card failed %s', async (fails) => {
    const runtime = fakeRuntime(fails);
    const page = pageRuntime(runtime, true);
    expect((await page.createSession(model)).provider).toBe('wasm');
    expect((await page.createSession(model)).provider).toBe('wasm');
    expect([page.engine(), runtime.asked]).toEqual(['wasm', ['webgpu', 'wasm', 'wasm']]);
  });
});
