import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../differentiate.js';
import { stochasticDepthOf } from '../dropout-nodes.js';
import { exportInference } from './export-inference.js';
import { fromOnnx } from './from-onnx.js';

interface Recorded {
  readonly model: string;
  readonly scores: number[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/stochastic-depth.json', import.meta.url), 'utf8'),
) as { tool: string; images: number[]; files: Record<string, Recorded>; refused: Record<string, Recorded> };
const bytesOf = ({ model }: Recorded): Uint8Array => new Uint8Array(Buffer.from(model, 'base64'));
const images = tensor('float32', [3, 3, 4, 4], golden.images);

async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model), { threads: 1 });
  const results = await session.run(feeds);
  await session.close();
  return results;
}

describe(`stochastic depth in files of ${golden.tool}`, () => {
  it.each(Object.entries(golden.files))('is recognized: %s', async (_, recorded) => {
    const model = fromOnnx(bytesOf(recorded));
    const [input] = model.graph.inputs;
    const drops = model.graph.nodes.filter(({ opType }) => opType === 'Dropout');
    expect(stochasticDepthOf(model)).toEqual(drops.map(({ name }) => name));
    const ratios = drops.map(({ inputs }) => Number(model.graph.initializers.get(inputs[1]!)!.data[0]));
    expect(ratios.map((ratio) => Number(ratio.toFixed(6)))).toEqual([0.2, 0.25]);
    const shipped = exportInference(model);
    expect(shipped.graph.nodes.some(({ opType }) => opType === 'Dropout' || opType.startsWith('Random'))).toBe(false);
    const { data } = (await run(shipped, { [input!.name]: images }))[shipped.graph.outputs[0]!.name]!;
    for (const [at, score] of recorded.scores.entries()) expect(Number(data[at])).toBeCloseTo(score, 5);
    const random = differentiate(model, { inputDims: [3, 3, 4, 4], dropout: true }).graph.inputs.filter(({ name }) =>
      name.startsWith('random.'),
    );
    expect(random.map(({ dims }) => dims)).toEqual([
      [3, 1, 1, 1],
      [3, 1, 1, 1],
    ]);
  });

  it.each(Object.entries(golden.refused))('is refused: %s', (received, recorded) => {
    expect(() => fromOnnx(bytesOf(recorded))).toThrow(
      expect.objectContaining({ code: 'TRAIN_MODEL_INVALID', message: expect.stringContaining(received) }),
    );
  });
});

it('makes a Dropout of a product with random elements', () => {
  const g = new GraphBuilder('elements');
  const x = g.input('x', 'float32', ['N', 4]);
  const half = (): string => g.constant(tensor('float32', [], [0.5]));
  const features = g.node('Gemm', [x, g.initializer('w', tensor('float32', [4, 4]))]);
  const probability = g.node('Expand', [half(), g.node('Shape', [features])]);
  const kept = g.node('Bernoulli', [probability], { dtype: 1 });
  g.output(g.node('Mul', [g.node('Div', [kept, half()]), features], {}, { name: 'drop' }), 'float32', ['N', 4]);
  const model = fromOnnx(g.build());
  expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Gemm', 'Dropout']);
  expect(stochasticDepthOf(model)).toEqual([]);
});
