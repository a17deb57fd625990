import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, writeModel } from '@percept/onnx';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchNorm,
  conv,
  normal,
  relativeDifference,
  residualNetwork,
  run,
} from '../quantize/test-networks.fixture.js';
import { foldBatchNorm } from './fold-batch-norm.js';

const operators = (model: Model) => model.graph.nodes.map((node) => node.opType);

async function expectSameResults(model: Model, input: Tensor): Promise<Model> {
  const before = writeModel(model);
  const { model: folded } = foldBatchNorm(model);
  expect(writeModel(model), 'the given model is not changed').toEqual(before);
  expect(foldBatchNorm(folded).folded, 'nothing is left to fold').toEqual([]);
  expect(writeModel(foldBatchNorm(folded).model), 'folding twice changes nothing').toEqual(writeModel(folded));
  const expected = await run(model, input);
  const actual = await run(folded, input);
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, { data }] of Object.entries(expected)) {
    expect(relativeDifference(data as Float32Array, actual[name]!.data as Float32Array)).toBeLessThan(2e-5);
  }
  return folded;
}

const images = (...dims: number[]) => normal(keyedRandom('input', ...dims), dims);

describe('foldBatchNorm', () => {
  it('folds a whole network', async () => {
    const model = residualNetwork(3);
    const folded = await expectSameResults({ ...model, metadata: { kept: 'yes' } }, images(2, 3, 16, 16));
    expect(operators(folded)).not.toContain('BatchNormalization');
    expect(folded.metadata).toEqual({ kept: 'yes' });
    expect(foldBatchNorm(model).folded).toHaveLength(3);
    expect(foldBatchNorm(model).folded[0]).toMatch(/^bn_/);
  });

  it('folds one normalization after another', async () => {
    const g = new GraphBuilder('chained');
    const random = keyedRandom('chained');
    const x = g.input('x', 'float32', ['N', 2, 5, 5]);
    const first = batchNorm(g, random, conv(g, random, x, [2, 3, 3], { bias: false }), 3);
    g.output(batchNorm(g, random, first, 3, 'y'), 'float32', ['N', 3, 5, 5]);
    const folded = await expectSameResults(g.build(), images(2, 2, 5, 5));
    expect(operators(folded)).toEqual(['Conv']);
  });

  it('gives the same results for random convolutions, grouped and transposed, with and without bias', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          group: fc.constantFrom(1, 2, 4),
          inputsPerGroup: fc.integer({ min: 1, max: 3 }),
          outputsPerGroup: fc.integer({ min: 1, max: 3 }),
          kernel: fc.constantFrom(1, 3),
          bias: fc.boolean(),
          transposed: fc.boolean(),
        }),
        async ({ seed, group, inputsPerGroup, outputsPerGroup, kernel, bias, transposed }) => {
          const random = keyedRandom(seed);
          const inputs = group * inputsPerGroup;
          const outputs = group * outputsPerGroup;
          const g = new GraphBuilder('one');
          const x = g.input('x', 'float32', ['N', inputs, 5, 5]);
          const dims = transposed
            ? [inputs, outputsPerGroup, kernel, kernel]
            : [outputs, inputsPerGroup, kernel, kernel];
          const operands = [
            x,
            g.constant(normal(random, dims)),
            ...(bias ? [g.constant(normal(random, [outputs]))] : []),
          ];
          const y = g.node(transposed ? 'ConvTranspose' : 'Conv', operands, { group, kernel_shape: [kernel, kernel] });
          g.output(batchNorm(g, random, y, outputs, 'y'), 'float32', ['N', outputs, undefined, undefined]);
          const folded = await expectSameResults(g.build(), images(2, inputs, 5, 5));
          expect(operators(folded)).toEqual([transposed ? 'ConvTranspose' : 'Conv']);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([0, 1])('folds into Gemm with transB %i, alpha and beta', async (transB) => {
    for (const biasDims of [undefined, [6], [1, 6], [1], []]) {
      const random = keyedRandom('gemm', transB);
      const g = new GraphBuilder('gemm');
      const x = g.input('x', 'float32', ['N', 4]);
      const operands = [x, g.constant(normal(random, transB === 1 ? [6, 4] : [4, 6]))];
      if (biasDims !== undefined) operands.push(g.constant(normal(random, biasDims)));
      const attributes = { transB, alpha: { type: 'float', value: 0.5 }, beta: { type: 'float', value: 2 } } as const;
      g.output(batchNorm(g, random, g.node('Gemm', operands, attributes), 6, 'y'), 'float32', ['N', 6]);
      expect(operators(await expectSameResults(g.build(), images(3, 4)))).toEqual(['Gemm']);
    }
  });

  it('leaves a normalization whose input has another reader, or is an output', async () => {
    const random = keyedRandom('readers');
    const g = new GraphBuilder('readers');
    const x = g.input('x', 'float32', ['N', 3, 5, 5]);
    const shared = conv(g, random, x, [3, 4, 3]);
    g.output(g.node('Add', [batchNorm(g, random, shared, 4), shared], {}, { outputs: ['sum'] }), 'float32', undefined);
    const shown = conv(g, random, x, [3, 4, 3], { output: 'shown' });
    g.output(batchNorm(g, random, shown, 4, 'normalized'), 'float32', undefined);
    g.output(shown, 'float32', undefined);
    const folded = await expectSameResults(g.build(), images(2, 3, 5, 5));
    expect(operators(folded).filter((name) => name === 'BatchNormalization')).toHaveLength(2);
  });

  it('copies weights and biases that other nodes share, also behind Identity', async () => {
    const random = keyedRandom('shared');
    const g = new GraphBuilder('shared');
    const x = g.input('x', 'float32', ['N', 3, 5, 5]);
    const weight = g.constant(normal(random, [3, 3, 1, 1]));
    const bias = g.constant(normal(random, [3]));
    const one = batchNorm(g, random, g.node('Conv', [x, weight, bias]), 3);
    const two = batchNorm(g, random, g.node('Conv', [one, weight, g.node('Identity', [bias])]), 3);
    g.output(g.node('Conv', [two, weight, bias], {}, { outputs: ['y'] }), 'float32', undefined);
    const folded = await expectSameResults(g.build(), images(2, 3, 5, 5));
    expect(operators(folded)).toEqual(['Conv', 'Conv', 'Conv']);
  });

  it('folds statistics from Constant nodes, and through Identity and Dropout', async () => {
    const random = keyedRandom('constants');
    const g = new GraphBuilder('constants');
    const x = g.input('x', 'float32', ['N', 3, 5, 5]);
    const statistics = [1, 2, 3, 4].map((seed) =>
      g.node('Constant', [], { value: tensor('float32', [4], [seed, 1, 0.5, 2]) }),
    );
    const training = g.constant(tensor('bool', [], [0]));
    const ratio = g.constant(tensor('float32', [], [0.5]));
    const y = g.node('Dropout', [g.node('Identity', [conv(g, random, x, [3, 4, 3])]), ratio, training]);
    const z = g.node('BatchNormalization', [y, ...statistics], {}, { outputs: ['z'] });
    g.output(g.node('Identity', [z], {}, { outputs: ['out'] }), 'float32', undefined);
    const folded = await expectSameResults(g.build(), images(2, 3, 5, 5));
    expect(operators(folded)).toEqual(['Conv']);
    expect(folded.graph.initializers.size).toBe(2);
  });

  it('leaves what is no fixed affine map of a linear layer', async () => {
    const random = keyedRandom('left');
    const g = new GraphBuilder('left');
    const x = g.input('x', 'float32', ['N', 4, 5, 5]);
    g.output(batchNorm(g, random, g.node('Relu', [x]), 4, 'y'), 'float32', undefined);
    const dynamic = g.node('BatchNormalization', [
      conv(g, random, x, [4, 4, 3]),
      g.node('ReduceMean', [x], { axes: [0, 2, 3], keepdims: 0 }),
      ...[1, 2, 3].map(() => g.constant(tensor('float32', [4], [1, 2, 3, 4]))),
    ]);
    g.output(dynamic, 'float32', undefined);
    const folded = await expectSameResults(g.build(), images(2, 4, 5, 5));
    expect(operators(folded).filter((name) => name === 'BatchNormalization')).toHaveLength(2);
  });

  it('leaves training-mode BatchNormalization, and Dropout whose mask is used', () => {
    const random = keyedRandom('training');
    const g = new GraphBuilder('training');
    const x = g.input('x', 'float32', ['N', 4, 5, 5]);
    const [y, mask] = g.multi('Dropout', [conv(g, random, x, [4, 4, 3])], {}, { outputs: 2 });
    g.output(mask!, 'bool', undefined);
    const model = g.build();
    const bn = new GraphBuilder('bn');
    const z = conv(bn, random, bn.input('x', 'float32', ['N', 4, 5, 5]), [4, 4, 3]);
    const statistics = [1, 2, 3, 4].map(() => bn.constant(tensor('float32', [4], [1, 2, 3, 4])));
    const outputs = bn.multi('BatchNormalization', [z, ...statistics], { training_mode: 1 }, { outputs: 3 });
    bn.output(outputs[0]!, 'float32', undefined);
    expect(y).toBeDefined();
    expect(operators(foldBatchNorm(model).model)).toEqual(['Conv', 'Dropout']);
    expect(foldBatchNorm(bn.build()).folded).toEqual([]);
  });
});
