import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elementCount, keyedRandom, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { afterAll, describe, expect, it } from 'vitest';
import { cifarResnet } from '../builders/cifar-resnet.js';
import { crossEntropy } from '../losses.js';
import { sgd } from '../optimizers/sgd.js';
import { trainable } from '../trainable.js';
import { buildTrainingStep, initialState, stepNames } from '../training-step.js';
import type { Checkpointing } from './recompute-activations.js';

const folder = mkdtempSync(join(tmpdir(), 'percept-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const options = { loss: crossEntropy(), optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) };
const runtime = onnxruntimeNode({ worker: false });

function step(model: Model, inputDims: readonly number[], checkpointing: Checkpointing): Model {
  return buildTrainingStep(trainable(model), { ...options, inputDims, checkpointing });
}

/** The results of a step, and how many of the nodes that onnxruntime makes of it are convolutions. */
async function run(model: Model, built: Model): Promise<{ results: Record<string, Tensor>; convolutions: number }> {
  const random = keyedRandom('checkpointing');
  const state = initialState(trainable(model), options);
  const feeds: Record<string, Tensor> = Object.fromEntries(state);
  for (const { name, type, dims } of built.graph.inputs) {
    if (name in feeds) continue;
    const size = elementCount(dims as number[]);
    feeds[name] =
      type === 'int64'
        ? tensor(
            'int64',
            dims as number[],
            BigInt64Array.from({ length: size }, (_, at) => BigInt(at % 3)),
          )
        : tensor(
            'float32',
            dims as number[],
            Float32Array.from({ length: size }, () => random.float()),
          );
  }
  const optimizedModelPath = join(folder, `${random.float()}.onnx`);
  const session = await runtime.createSession(writeModel(built), { graphOptimization: 'extended', optimizedModelPath });
  const results = await session.run(feeds);
  await session.close();
  const { nodes } = readModel(readFileSync(optimizedModelPath)).graph;
  return { results, convolutions: nodes.filter(({ opType }) => opType.endsWith('Conv')).length };
}

describe('gradient checkpointing', () => {
  const model = cifarResnet({ depth: 8, classes: 3 });
  const dims = [4, 3, 32, 32];

  it.each(['sqrt', 2, 5] as const)(
    'gives the same bits with %s segments, and computes twice',
    async (checkpointing) => {
      const plain = await run(model, step(model, dims, 'none'));
      const recomputed = await run(model, step(model, dims, checkpointing));
      expect(recomputed.convolutions).toBeGreaterThan(plain.convolutions + 2);
      expect(Object.keys(recomputed.results)).toEqual(Object.keys(plain.results));
      expect(Number(plain.results[stepNames.loss]!.data[0])).toBeGreaterThan(0);
      for (const [name, { data }] of Object.entries(plain.results)) {
        expect(recomputed.results[name]!.data, name).toEqual(data);
      }
    },
  );

  it('drops the same as the first time', async () => {
    const g = new GraphBuilder('dropping');
    let x = g.input('image', 'float32', ['N', 8, 32, 32]);
    for (const layer of ['first', 'second', 'third']) {
      const weights = Float32Array.from({ length: 8 * 8 * 9 }, (_, at) => Math.sin(at));
      const w = g.initializer(`${layer}.weight`, tensor('float32', [8, 8, 3, 3], weights));
      const map = g.node('Relu', [g.node('Conv', [x, w], { pads: [1, 1, 1, 1] })]);
      x = g.node('Dropout', [map, g.initializer(`${layer}.ratio`, tensor('float32', [], [0.5]))]);
    }
    const pooled = g.node('Flatten', [g.node('GlobalAveragePool', [x])]);
    g.output(g.node('Identity', [pooled], {}, { outputs: ['scores'] }), 'float32', ['N', 8]);
    const dropping = g.build();
    const plain = await run(dropping, step(dropping, [4, 8, 32, 32], 'none'));
    const recomputed = await run(dropping, step(dropping, [4, 8, 32, 32], 3));
    expect(recomputed.convolutions).toBeGreaterThan(plain.convolutions);
    for (const [name, { data }] of Object.entries(plain.results)) {
      expect(recomputed.results[name]!.data, name).toEqual(data);
    }
  });

  it('leaves a step as it is where there is nothing to divide', () => {
    for (const checkpointing of ['none', 1] as const) {
      const built = step(model, dims, checkpointing);
      expect(built.graph.nodes.some(({ outputs }) => outputs[0]!.startsWith('again.'))).toBe(false);
    }
  });
});
