import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, readMetadata, readModel, withMetadata, writeModel } from '@percept/onnx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quantizeStatic } from './quantize-static.js';
import {
  batches,
  batchNorm,
  conv,
  normal,
  residualNetwork,
  roundTrip,
  run,
  runtime,
  signalToNoise,
} from './test-networks.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'percept-optimize-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Operators of the graph as onnxruntime runs it. */
async function optimizedOperators(model: Model): Promise<string[]> {
  const path = join(folder, 'optimized.onnx');
  const session = await runtime.createSession(writeModel(model), { optimizedModelPath: path });
  await session.close();
  return readModel(await readFile(path)).graph.nodes.map((node) => node.opType);
}

const count = (operators: string[], opType: string) => operators.filter((name) => name === opType).length;

describe('quantizeStatic', () => {
  it('makes integer kernels of every layer in onnxruntime', async () => {
    const { model, float } = await quantizeStatic(residualNetwork(1), { calibration: batches(4, 8, 16), runtime });
    expect(float).toEqual([]);
    const operators = await optimizedOperators(model);
    expect(count(operators, 'QLinearConv')).toBe(4);
    expect(count(operators, 'QGemm')).toBe(1);
    expect(operators).toContain('QLinearAdd');
    expect(operators).toContain('QLinearGlobalAveragePool');
    expect(operators).not.toContain('Conv');
    expect(operators).not.toContain('Relu');
    expect(operators).not.toContain('DequantizeLinear');
    expect(count(operators, 'QuantizeLinear')).toBe(1);
  });

  it('stays close to the float model', async () => {
    const float = residualNetwork(2);
    const { model } = await quantizeStatic(float, { calibration: batches(8, 8, 16), runtime });
    const images = normal(keyedRandom('held out'), [16, 3, 16, 16]);
    const exact = await run(float, images);
    const approximate = await run(roundTrip(model), images);
    expect(Object.keys(approximate)).toEqual(['logits']);
    expect(signalToNoise(exact.logits!.data as Float32Array, approximate.logits!.data as Float32Array)).toBeGreaterThan(
      25,
    );
  });
});
