import { readFile } from 'node:fs/promises';
import { tensor } from '@percept/core';
import { readModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { type ActivationType, activationParameters } from '../quantization-parameters.js';
import { runtime } from '../test-networks.fixture.js';
import { type CalibrationMethod, calibratorOf } from './calibrator.js';
import { measureRanges } from './measure-ranges.js';

interface Golden {
  model: string;
  batches: { dims: number[]; data: string[] };
  cases: {
    method: CalibrationMethod;
    values: Record<string, { range: [number, number]; kinds: Record<string, { scale: number; zeroPoint: number }> }>;
  }[];
}

const path = new URL('../../../../../test/goldens/optimize/calibrators.json', import.meta.url);
const golden: Golden = JSON.parse(await readFile(path, 'utf8'));
const float = readModel(new Uint8Array(Buffer.from(golden.model, 'base64')));

async function* batches() {
  for (const data of golden.batches.data) {
    yield tensor('float32', golden.batches.dims, new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer));
  }
}

const differences = new Map<string, number>();
const relative = (actual: number, expected: number) =>
  expected === actual ? 0 : Math.abs(actual - expected) / Math.abs(expected);

describe('calibrators, beside onnxruntime.quantization', () => {
  it.each(golden.cases)('finds the same ranges, scales and zero points with $method', async ({ method, values }) => {
    const names = Object.keys(values);
    expect(names.length).toBeGreaterThan(5);
    const calibrator = calibratorOf(method);
    const { ranges, images } = await measureRanges(float, { runtime, data: batches(), values: names, calibrator });
    expect(images).toBe(20);
    let largest = 0;
    for (const [name, { range, kinds }] of Object.entries(values)) {
      const found = ranges.get(name)!;
      for (const side of [0, 1] as const) {
        largest = Math.max(largest, relative(found[side], range[side]));
        expect(relative(found[side], range[side]), `${name} ${side}`).toBeLessThanOrEqual(1e-6);
      }
      for (const [kind, expected] of Object.entries(kinds)) {
        const [type, symmetric] = kind.split(' ') as [ActivationType, string?];
        const { scale, zeroPoint } = activationParameters(...found, { type, symmetric: symmetric !== undefined });
        expect(zeroPoint, `${name} ${kind}`).toBe(expected.zeroPoint);
        expect(relative(scale, expected.scale), `${name} ${kind}`).toBeLessThanOrEqual(1e-6);
        largest = Math.max(largest, relative(scale, expected.scale));
      }
    }
    differences.set(JSON.stringify(method), largest);
  });
});
