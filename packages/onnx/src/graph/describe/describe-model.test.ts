import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../graph-builder.js';
import { drawText } from '../draw/draw-text.js';
import { noPublishedModels, publishedModels, readPublishedModel } from '../published-models.fixture.js';
import { describe as describeModel } from './describe-model.js';
import { formatDescription } from './format-description.js';

function sample() {
  const g = new GraphBuilder('sample');
  const x = g.input('x', 'float32', ['N', 3, 8, 8]);
  const conv = g.node(
    'Conv',
    [x, g.initializer('w', tensor('float32', [4, 3, 3, 3])), g.initializer('b', tensor('float32', [4]))],
    {
      pads: [1, 1, 1, 1],
    },
    { name: 'conv' },
  );
  const pooled = g.node('Flatten', [g.node('GlobalAveragePool', [g.node('Relu', [conv])])]);
  g.output(
    g.node('Gemm', [pooled, g.initializer('v', tensor('float32', [4, 2]))], {}, { outputs: ['y'], name: 'fc' }),
    'float32',
    ['N', 2],
  );
  return g.build({ producerName: 'test', producerVersion: '1' });
}

describe('describe', () => {
  it('counts operators, parameters, multiply-accumulates and memory', () => {
    const description = describeModel(sample(), { inputDims: { x: [2, 3, 8, 8] } });
    expect(description).toMatchObject({
      name: 'sample',
      producer: 'test 1',
      opsets: { 'ai.onnx': 17 },
      inputs: [{ name: 'x', type: 'float32[2,3,8,8]' }],
      outputs: [{ name: 'y', type: 'float32[2,2]' }],
      parameters: 108 + 4 + 8,
      constantBytes: 4 * 120,
      macs: 2 * 4 * 64 * 27 + 2 * 2 * 4,
      unknown: [],
      // Relu: its input and its output, [2, 4, 8, 8] each.
      peakActivationBytes: 2 * 4 * 512,
      peakNode: 'Relu_0',
    });
    expect(description.operators[0]).toEqual({ operator: 'Conv', nodes: 1, macs: 13824, parameters: 112 });
    expect(description.nodes.at(-1)).toEqual({
      name: 'fc',
      operator: 'Gemm',
      output: 'float32[2,2]',
      macs: 16,
      parameters: 8,
    });
  });

  it('says what it cannot know', () => {
    expect(describeModel(sample())).toMatchObject({ macs: 0, unknown: ['conv', 'fc'], peakActivationBytes: undefined });
  });

  it.each([
    [
      'ConvTranspose',
      [
        [1, 4, 5, 5],
        [4, 3, 2, 2],
      ],
      {},
      100 * 12,
    ],
    [
      'Conv',
      [
        [1, 4, 5, 5],
        [4, 1, 3, 3],
      ],
      { group: 4 },
      4 * 9 * 9,
    ],
    [
      'MatMul',
      [
        [7, 2, 3],
        [3, 5],
      ],
      {},
      7 * 2 * 5 * 3,
    ],
    [
      'Gemm',
      [
        [3, 2],
        [5, 3],
      ],
      { transA: 1, transB: 1 },
      2 * 5 * 3,
    ],
    [
      'Einsum',
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      { equation: 'bij,bjk->bik' },
      2 * 3 * 4 * 5,
    ],
    [
      'LSTM',
      [
        [6, 2, 3],
        [1, 16, 3],
        [1, 16, 4],
      ],
      { hidden_size: 4 },
      6 * 2 * 4 * 4 * (3 + 4),
    ],
    ['Add', [[2, 3], [3]], {}, 0],
  ])('counts %s', (opType, shapes, attributes, macs) => {
    const g = new GraphBuilder('one');
    const inputs = shapes.map((dims, at) => g.input(`x${at}`, 'float32', dims));
    g.output(g.node(opType, inputs, attributes, { outputs: ['y'] }), 'float32', undefined);
    expect(describeModel(g.build()).macs).toBe(macs);
  });

  it.each([
    [
      'Attention',
      '',
      [
        [2, 3, 4, 8],
        [2, 3, 6, 8],
        [2, 3, 6, 5],
      ],
      {},
      2 * 3 * 4 * 6 * (8 + 5),
    ],
    [
      'Attention',
      '',
      [
        [2, 4, 24],
        [2, 6, 24],
        [2, 6, 15],
      ],
      { q_num_heads: 3, kv_num_heads: 3 },
      2 * 3 * 4 * 6 * (8 + 5),
    ],
    ['Attention', 'com.microsoft', [[2, 4, 7], [7, 36], [36]], { num_heads: 3 }, 2 * 4 * (7 * 36 + 4 * 24)],
    ['MatMulNBits', 'com.microsoft', [[2, 3, 32], [8, 1, 16], [8]], { K: 32, N: 8, block_size: 32 }, 2 * 3 * 8 * 32],
    [
      'FusedMatMul',
      'com.microsoft',
      [
        [5, 2],
        [5, 3],
      ],
      { transA: 1 },
      2 * 3 * 5,
    ],
    ['Gelu', 'com.microsoft', [[2, 3]], {}, 0],
  ])('counts %s of domain "%s"', (opType, domain, shapes, attributes, macs) => {
    const g = new GraphBuilder('one', { opset: 23 });
    const inputs = shapes.map((dims, at) => g.input(`x${at}`, 'float32', dims));
    const outputs = { outputs: ['y'], domain };
    g.output(g.node(opType, inputs, attributes, outputs), 'float32', undefined);
    expect(describeModel(g.build())).toMatchObject({ macs, unknown: [] });
  });

  it.each([
    ['org.example', 'Fancy'],
    ['com.microsoft', 'MoE'],
  ])('does not count what it does not know: %s.%s', (domain, opType) => {
    const g = new GraphBuilder('one');
    g.output(g.node(opType, [g.input('x', 'float32', [2])], {}, { outputs: ['y'], domain }), 'float32', [2]);
    expect(describeModel(g.build()).unknown).toEqual(['y']);
  });

  it('goes into functions of the model', () => {
    const g = new GraphBuilder('calls');
    const [x, w] = [g.input('x', 'float32', [2, 3]), g.initializer('w', tensor('float32', [3, 3]))];
    const call = (input: string, output: string) =>
      g.node('Dense', [input, w], {}, { outputs: [output], domain: 'org.example' });
    g.output(call(call(x, 'h'), 'y'), 'float32', [2, 3]);
    const node = (opType: string, inputs: string[], output: string) => ({
      name: '',
      opType,
      domain: '',
      inputs,
      outputs: [output],
      attributes: {},
      docString: '',
    });
    const model = g.build();
    model.functions = [
      {
        name: 'Dense',
        domain: 'org.example',
        overload: '',
        inputs: ['a', 'b'],
        outputs: ['c'],
        attributes: [],
        attributeDefaults: {},
        nodes: [node('MatMul', ['a', 'b'], 'm'), node('Relu', ['m'], 'c')],
        docString: '',
        opsets: { '': 17 },
        valueInfos: [],
      },
    ];
    const description = describeModel(model);
    expect(description).toMatchObject({ macs: 2 * 2 * 3 * 3, parameters: 9, unknown: [] });
    expect(description.nodes.map(({ operator, macs }) => [operator, macs])).toEqual([
      ['org.example.Dense', 0],
      ['MatMul', 18],
      ['Relu', 0],
      ['org.example.Dense', 0],
      ['MatMul', 18],
      ['Relu', 0],
    ]);
  });

  it('gives a terminal nothing to obey', () => {
    const g = new GraphBuilder('a\u001b[2Jb\nc');
    g.output(g.node('Relu', [g.input('x\u009b1m', 'float32', [1])], {}, { outputs: ['y'] }), 'float32', [1]);
    const model = g.build();
    for (const text of [formatDescription(describeModel(model)), drawText(model)]) {
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      expect(text).toContain('a\ufffd[2Jb\ufffdc');
    }
  });

  it('of nothing names no node', () => {
    expect(formatDescription(describeModel(new GraphBuilder('empty').build()))).toMatch(/peak activations {2}0 B\n/);
  });

  it('is written as text', () => {
    expect(formatDescription(describeModel(sample(), { inputDims: { x: [1, 3, 8, 8] } }))).toMatchInlineSnapshot(`
      "model             sample
      producer          test 1
      operator sets     ai.onnx 17
      IR version        8
      input             x: float32[1,3,8,8]
      output            y: float32[1,2]
      parameters        120
      constants         480 B
      MACs              6,920
      peak activations  2.0 KiB at Relu_0

      operator           nodes   MACs  parameters
      ─────────────────  ─────  ─────  ──────────
      Conv                   1  6,912         112
      Gemm                   1      8           8
      Relu                   1      0           0
      GlobalAveragePool      1      0           0
      Flatten                1      0           0"
    `);
    expect(formatDescription(describeModel(sample()))).toMatch(/at least 0, 2 nodes of unknown size/);
  });

  it.skipIf(noPublishedModels !== undefined)(
    `gives the figures that are known of published models ${noPublishedModels ?? ''}`,
    () => {
      const figures = Object.fromEntries(
        [...publishedModels()].map(([path, recorded]) => {
          const model = readPublishedModel(path);
          const input = model.graph.inputs.find(({ name }) => !model.graph.initializers.has(name))!;
          const { macs, parameters, unknown } = describeModel(model, {
            inputDims: { [input.name]: [1, ...input.dims!.slice(1)] },
          });
          expect(unknown).toEqual([]);
          const quantized = path.includes('int8');
          const integers = [...model.graph.initializers.values()].filter(({ type }) => type === 'int64');
          const elements = integers.reduce((sum, { data }) => sum + data.length, 0);
          const bounds = new Set(
            model.graph.nodes.flatMap(({ opType, inputs }) => (opType === 'Clip' ? inputs.slice(1) : [])),
          );
          if (!quantized) expect(parameters).toBe(recorded.parameters - elements - bounds.size);
          return [path, { macs, parameters }];
        }),
      );
      expect(figures).toMatchInlineSnapshot(`
        {
          "cifar10/cifar10_resnet20.onnx": {
            "macs": 40551040,
            "parameters": 269034,
          },
          "cifar10/cifar10_resnet56.onnx": {
            "macs": 125485696,
            "parameters": 850986,
          },
          "cifar10/mlperf_tiny_resnet8_fp32.onnx": {
            "macs": 12501632,
            "parameters": 77706,
          },
          "cifar10/mlperf_tiny_resnet8_int8_qdq.onnx": {
            "macs": 12501632,
            "parameters": 77706,
          },
          "imagenet/mobilenetv2_1.0_224_fp32.onnx": {
            "macs": 300775552,
            "parameters": 3489097,
          },
          "imagenet/mobilenetv2_1.0_224_int8_qdq.onnx": {
            "macs": 300775552,
            "parameters": 3489097,
          },
          "imagenet/squeezenet_fp16.onnx": {
            "macs": 349151936,
            "parameters": 1235496,
          },
          "imagenet/squeezenet_fp32.onnx": {
            "macs": 349151936,
            "parameters": 1235496,
          },
        }
      `);
    },
  );
});
