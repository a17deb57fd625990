import { readFileSync } from 'node:fs';
import { tensor } from '@percept/core';
import { readModel } from '@percept/onnx';
import { interpreter } from '@percept/onnx/backends/interpreter';
import { describe, expect, it } from 'vitest';
import { runtime } from '../quantize/test-networks.fixture.js';
import { layerSqnr } from './layer-sqnr.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/optimize/sqnr.json', import.meta.url), 'utf8'),
) as {
  float: string;
  int8: string;
  batches: { dims: number[]; data: string[] };
  weights: Record<string, number>;
  cumulative: Record<string, number>;
  conversion: Record<string, number>;
  alone: Record<string, number>;
};

async function* images() {
  for (const text of golden.batches.data) {
    yield tensor('float32', golden.batches.dims, new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer));
  }
}

const model = (text: string) => readModel(new Uint8Array(Buffer.from(text, 'base64')));

describe.each([
  ['onnxruntime', runtime],
  ['the reference interpreter', interpreter()],
])('layerSqnr by %s, beside qdq_loss_debug of onnxruntime.quantization', (_, engine) => {
  it('finds the same ratios of values and weights to 0.001 dB', async () => {
    const report = await layerSqnr(model(golden.float), model(golden.int8), { data: images(), runtime: engine });
    expect(report.images).toBe(golden.batches.dims[0]! * golden.batches.data.length);
    for (const key of ['cumulative', 'conversion', 'alone'] as const) {
      const found = new Map(report.values.map((row) => [row.value, row[key]]));
      for (const [value, expected] of Object.entries(golden[key])) {
        expect(Math.abs(found.get(value)! - expected), `${key} of ${value}`).toBeLessThan(1e-3);
      }
    }
    const weights = new Map(report.weights.map(({ weight, sqnr }) => [weight, sqnr]));
    expect([...weights.keys()].sort()).toEqual(Object.keys(golden.weights).sort());
    for (const [weight, expected] of Object.entries(golden.weights)) {
      expect(Math.abs(weights.get(weight)! - expected), weight).toBeLessThan(1e-3);
    }
  });
});
