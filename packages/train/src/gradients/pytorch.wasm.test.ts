// In a file, and with it a process, of its own: onnxruntime-web and onnxruntime-node must not share one.
import { onnxruntimeWeb } from '@percept/onnx/backends/web';
import { describe, expect, it } from 'vitest';
import { errorOn, golden } from './recorded-cases.fixture.js';

describe(`gradients on onnxruntime-web (wasm) against ${golden.tool}`, () => {
  const runtime = onnxruntimeWeb();
  it.each(golden.cases.map((entry) => [entry.operator, entry.name, entry] as const))('%s: %s', async (_, __, entry) => {
    expect(await errorOn(runtime, entry)).toBeLessThan(1e-5);
  });
});
