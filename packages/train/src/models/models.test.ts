import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Model, readMetadata, withMetadata, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { cifarResnet } from '../builders/cifar-resnet.js';
import { deterministicFill } from '../builders/deterministic-fill.fixture.js';
import { embeddingModel } from '../builders/embedding.js';
import { mobilenetV2Graph } from '../builders/mobilenet-v2.js';
import { resnet } from '../builders/resnet.js';
import { smallCnn } from '../builders/small-cnn.js';
import { squeezenetGraph } from '../builders/squeezenet.js';
import { vitTinyGraph } from '../builders/vit.js';
import { differentiate } from '../differentiate.js';
import { adamw } from '../optimizers/adamw.js';
import { trainable } from '../trainable.js';
import { exportInference } from './export-inference.js';
import { freeze } from './freeze.js';
import { fromOnnx } from './from-onnx.js';
import { headParameters } from './head.js';
import { type LayerGroupsOptions, layerGroups } from './layer-groups.js';
import { replaceHead } from './replace-head.js';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../../test/goldens/train/${name}.json`, import.meta.url), 'utf8')) as T;
const recorded = read<{ images: number[]; files: Record<string, { model: string; probabilities: number[] }> }>(
  'models',
);
const { layerDecay } = read<{ layerDecay: Record<string, [factor: number, weightDecay: number]> }>('builders');

const images = tensor('float32', [3, 3, 8, 8], recorded.images);
const fileBytes = (name: string): Uint8Array => new Uint8Array(Buffer.from(recorded.files[name]!.model, 'base64'));

async function run(model: Model, input: Tensor): Promise<Tensor> {
  const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model));
  const results = await session.run({ [model.graph.inputs[0]!.name]: input });
  await session.close();
  return results[model.graph.outputs[0]!.name]!;
}

const largestDifference = (actual: Tensor, expected: ArrayLike<number>): number =>
  Array.from(expected).reduce((worst, value, at) => Math.max(worst, Math.abs(Number(actual.data[at]) - value)), 0);

/** A model of one input `x` `[N, 3, 4, 4]` and a body. */
function modelOf(
  body: (g: GraphBuilder, x: string) => string | string[],
  dims: (string | number)[] = ['N', 3, 4, 4],
): Model {
  const g = new GraphBuilder('test');
  for (const output of [body(g, g.input('x', 'float32', dims))].flat()) g.output(output, 'float32', undefined);
  return g.build();
}
const weights = (g: GraphBuilder, name: string, dims: number[]): string =>
  g.initializer(name, deterministicFill(name, dims));
const pooled = (g: GraphBuilder, x: string): string => g.node('Flatten', [g.node('GlobalAveragePool', [x])]);

describe('fromOnnx', () => {
  it.each(Object.keys(recorded.files))('takes a file of PyTorch: %s', async (name) => {
    const model = fromOnnx(fileBytes(name));
    expect(model.graph.outputs[0]!.dims).toEqual(['N', 5]);
    expect(model.graph.nodes.some(({ opType }) => opType === 'Softmax')).toBe(false);
    expect(model.graph.nodes.some(({ opType }) => opType === 'Dropout')).toBe(name.includes('training'));
    expect(model.graph.nodes.some(({ opType }) => opType === 'BatchNormalization')).toBe(name.includes('training'));
    const shipped = exportInference(model);
    expect(shipped.graph.outputs[0]!.name).toBe('probabilities');
    expect(Object.keys(shipped.metadata)).toEqual([]);
    const probabilities = await run(shipped, images);
    expect(probabilities.dims).toEqual([3, 5]);
    expect(largestDifference(probabilities, recorded.files[name]!.probabilities)).toBeLessThan(1e-6);
  });

  it('takes a graph as Keras files have it: pixels last, a MatMul and an Add, scores of four axes', async () => {
    const model = modelOf(
      (g, x) => {
        const image = g.node('Transpose', [x], { perm: [0, 3, 1, 2] });
        const map = g.node('Conv', [image, weights(g, 'conv', [6, 3, 3, 3])], {
          kernel_shape: [3, 3],
          auto_pad: 'SAME_UPPER',
        });
        const flat = g.node('Squeeze', [
          g.node('GlobalAveragePool', [g.node('Relu', [map])]),
          g.constant(tensor('int64', [2], [2, 3])),
        ]);
        const scores = g.node('Add', [g.node('MatMul', [flat, weights(g, 'dense', [6, 4])]), weights(g, 'bias', [4])]);
        return g.node(
          'Identity',
          [g.node('Softmax', [scores], {}, { outputs: ['softmax'] })],
          {},
          { outputs: ['predictions'] },
        );
      },
      ['N', 4, 4, 3],
    );
    const input = deterministicFill('input', [2, 4, 4, 3]);
    const trained = fromOnnx(model, { layout: 'NHWC' });
    expect(headParameters(trained)).toEqual(['dense', 'bias']);
    expect(trained.graph.nodes.at(-1)!.opType).toBe('Add');
    const shipped = exportInference(trained);
    expect(shipped.graph.outputs.map(({ name }) => name)).toEqual(['predictions']);
    expect(await run(shipped, input)).toEqual(await run(model, input));
    const replaced = replaceHead(trained, { classes: 9 });
    expect(replaced.graph.initializers.get('dense')!.dims).toEqual([6, 9]);
    expect(replaced.graph.initializers.get('bias')!.dims).toEqual([9]);
    expect((await run(exportInference(replaced), input)).dims).toEqual([2, 9]);
  });

  it('gives weights that an exporter shared their own copies, and flattens scores of four axes', () => {
    const model = modelOf((g, x) => {
      const shared = weights(g, 'first', [3, 3, 1, 1]);
      const second = g.node('Identity', [shared], {}, { outputs: ['second'] });
      const pool = g.node('GlobalAveragePool', [g.node('Conv', [g.node('Conv', [x, shared]), second])]);
      return g.node('Sigmoid', [pool]);
    });
    const trained = fromOnnx(model);
    expect([...trained.graph.initializers.keys()].sort()).toEqual(['first', 'second']);
    expect(trained.graph.outputs[0]!.dims).toEqual(['N', 3]);
    expect(exportInference(trained).graph.nodes.at(-1)!.opType).toBe('Sigmoid');
    expect(model.graph.nodes.at(-1)!.opType).toBe('Sigmoid');
  });

  it('repeats what is joined to a batch of one', async () => {
    const body = (g: GraphBuilder, x: string): string =>
      g.node('Concat', [weights(g, 'token', [1, 2]), pooled(g, x)], { axis: 1 });
    const trained = fromOnnx(modelOf(body, [1, 3, 4, 4]));
    const { dims, data } = await run(trained, deterministicFill('input', [3, 3, 4, 4]));
    expect(dims).toEqual([3, 5]);
    const token = deterministicFill('token', [1, 2]).data;
    for (const row of [0, 1, 2]) expect((data as Float32Array).subarray(5 * row, 5 * row + 2)).toEqual(token);
  });

  it('frees a batch that was joined with the channels in between', async () => {
    const sizes = (g: GraphBuilder, ...values: number[]): string =>
      g.constant(tensor('int64', [values.length], values));
    const body = (g: GraphBuilder, x: string): string => {
      const joined = g.node('Softmax', [g.node('Reshape', [x, sizes(g, -1, 4, 4)])]);
      return pooled(g, g.node('Mul', [g.node('Reshape', [joined, sizes(g, 1, 3, 4, 4)]), weights(g, 'w', [3, 4, 4])]));
    };
    const trained = fromOnnx(modelOf(body, [1, 3, 4, 4]));
    const input = deterministicFill('input', [2, 3, 4, 4]);
    const { dims, data } = await run(trained, input);
    expect(dims).toEqual([2, 3]);
    const second = tensor('float32', [1, 3, 4, 4], (input.data as Float32Array).slice(48));
    expect((await run(trained, second)).data).toEqual((data as Float32Array).slice(3));
  });

  it('takes one of several outputs', () => {
    const model = modelOf((g, x) => {
      const features = pooled(g, x);
      return [features, g.node('Gemm', [features, weights(g, 'w', [3, 7])], {}, { outputs: ['scores'] })];
    });
    expect(() => fromOnnx(model)).toThrow('Name one of them in the option output');
    expect(() => fromOnnx(model, { output: 'none' })).toThrow('Expected an output none');
    expect(fromOnnx(model, { output: 'scores' }).graph.outputs.map(({ dims }) => dims)).toEqual([['N', 7]]);
  });

  const branch = modelOf((g, x) => g.node('Relu', [x])).graph;
  const bool = (g: GraphBuilder): string => g.constant(tensor('bool', [], [1]));
  it.each<[string, Model, string]>([
    [
      'control flow',
      modelOf((g, x) =>
        g.node('If', [bool(g)], {
          then_branch: {
            type: 'graph',
            value: { ...branch, inputs: [], nodes: [{ ...branch.nodes[0]!, inputs: [x] }] },
          },
          else_branch: {
            type: 'graph',
            value: { ...branch, inputs: [], nodes: [{ ...branch.nodes[0]!, inputs: [x] }] },
          },
        } as Record<string, AttributeInput>),
      ),
      'If',
    ],
    ['a map of scores', modelOf((g, x) => g.node('Conv', [x, weights(g, 'w', [2, 3, 1, 1])])), 'scores [N, classes]'],
    [
      'weights of float16',
      modelOf((g, x) =>
        g.node(
          'Cast',
          [g.node('Conv', [g.node('Cast', [x], { to: 10 }), g.initializer('half', tensor('float16', [2, 3, 1, 1]))])],
          { to: 1 },
        ),
      ),
      'half of float16',
    ],
    [
      'a batch built into the graph',
      modelOf(
        (g, x) => g.node('ReduceSum', [pooled(g, x), g.constant(tensor('int64', [1], [0]))], { keepdims: 1 }),
        [1, 3, 4, 4],
      ),
      'ReduceSum',
    ],
  ])('names what is in the way: %s', (_, model, expected) => {
    const error = expect.objectContaining({ code: 'TRAIN_MODEL_INVALID', message: expect.stringContaining(expected) });
    expect(() => fromOnnx(model)).toThrow(error);
  });

  it('refuses what is no model', () => {
    expect(() => fromOnnx('model.onnx' as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => fromOnnx(new Uint8Array([1, 2, 3]))).toThrow(
      expect.objectContaining({ code: 'ONNX_MODEL_MALFORMED' }),
    );
  });
});

describe('replaceHead', () => {
  const architecture = { classes: 10, channels: 3, size: 32 };
  it.each<[string, Model, string]>([
    ['resnet18', resnet('resnet18', { ...architecture, stem: 'cifar' }, deterministicFill), 'fc.weight'],
    ['mobilenetV2', mobilenetV2Graph({ ...architecture, dropout: 0.2 }, deterministicFill), 'classifier.1.weight'],
    ['squeezenet', squeezenetGraph({ ...architecture, dropout: 0.5 }, deterministicFill), 'classifier.1.weight'],
    ['vitTiny', vitTinyGraph({ ...architecture, patch: 8, depth: 1 }, deterministicFill), 'head.weight'],
  ])('gives %s another number of classes', async (_, model, weight) => {
    const replaced = replaceHead(withMetadata(model, { labels: ['old'] }), { classes: 4, seed: 3, output: 'scores' });
    const changed = [...replaced.graph.initializers].filter(
      ([name, value]) => value !== model.graph.initializers.get(name),
    );
    expect(changed.map(([name]) => name)).toEqual([weight, weight.replace('weight', 'bias')]);
    const { dims, data } = replaced.graph.initializers.get(weight)!;
    const bound = 1 / Math.sqrt(dims[1]!);
    expect(dims[0]).toBe(4);
    expect(Math.max(...(data as Float32Array))).toBeLessThan(bound);
    expect(Math.max(...(data as Float32Array))).toBeGreaterThan(0.97 * bound);
    expect(readMetadata(replaced)).toEqual({});
    expect(replaced.graph.outputs).toMatchObject([{ name: 'scores', dims: ['N', 4] }]);
    expect((await run(replaced, deterministicFill('input', [2, 3, 32, 32]))).dims).toEqual([2, 4]);
    expect(model.graph.initializers.get(weight)!.dims[0]).toBe(10);
  });

  it('is a function of its seed', () => {
    const model = smallCnn({ classes: 2, size: 4, width: 1 });
    const [first, again, other] = [1, 1, 2].map(
      (seed) => replaceHead(model, { classes: 3, seed }).graph.initializers.get('classifier.weight')!.data,
    );
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
  });

  it('keeps all classes where the old head left one out', async () => {
    const model = modelOf((g, x) => {
      const scores = g.node('Gemm', [pooled(g, x), weights(g, 'w', [3, 11])]);
      const bounds = [[1], [11], [1]].map((values) => g.constant(tensor('int64', [1], values)));
      return g.node('Slice', [scores, ...bounds]);
    });
    expect(headParameters(model)).toEqual(['w']);
    const replaced = replaceHead(model, { classes: 2 });
    expect(replaced.graph.nodes.some(({ opType }) => opType === 'Slice')).toBe(false);
    const { dims } = model.graph.inputs[0]!;
    const images = dims!.map((size) => (typeof size === 'number' ? size : 2));
    expect((await run(replaced, deterministicFill('input', images))).dims).toEqual([2, 2]);
  });

  it('refuses a model that ends in something else', () => {
    const code = 'TRAIN_MODEL_INVALID';
    const model = modelOf((g, x) => g.node('Mul', [pooled(g, x), weights(g, 'scale', [3])], {}, { name: 'scaling' }));
    expect(() => replaceHead(model, { classes: 3 })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('scaling') }),
    );
    const tied = modelOf((g, x) => {
      const w = weights(g, 'w', [3, 3]);
      return g.node('Gemm', [g.node('Gemm', [pooled(g, x), w]), w]);
    });
    expect(() => replaceHead(tied, { classes: 2 })).toThrow(expect.objectContaining({ code }));
  });
});

describe('freeze', () => {
  const model = smallCnn({ classes: 3, size: 8, width: 2 });

  it('sorts parameters by globs, names and expressions', () => {
    const { frozen, trained, frozenStatistics } = freeze(model, ['conv1.*', /^hidden/]);
    expect(frozen).toEqual(['conv1.weight', 'conv1.norm.weight', 'conv1.norm.bias', 'hidden.weight', 'hidden.bias']);
    expect(trained).toEqual([
      'conv2.weight',
      'conv2.norm.weight',
      'conv2.norm.bias',
      'classifier.weight',
      'classifier.bias',
    ]);
    expect(frozenStatistics).toEqual(['conv1.norm.runningMean', 'conv1.norm.runningVariance']);
    expect(freeze(model, 'conv1.*', { batchNorm: 'batch' }).frozenStatistics).toEqual([]);
    expect(freeze(model, '*', { except: headParameters(model) }).trained).toEqual([
      'classifier.weight',
      'classifier.bias',
    ]);
  });

  it('leaves frozen weights constants of the gradient graph', () => {
    const { trained } = freeze(model, '*', { except: 'classifier.*' });
    const { graph } = differentiate(model, { inputDims: [2, 1, 8, 8], wrt: trained });
    expect(graph.inputs.map(({ name }) => name).sort()).toEqual([
      'classifier.bias',
      'classifier.weight',
      'input',
      'labels',
    ]);
    expect(graph.initializers.has('conv1.weight')).toBe(true);
  });

  it('refuses patterns that mean nothing or everything', () => {
    for (const call of [() => freeze(model, 'conv9.*'), () => freeze(model, '*'), () => freeze(model, '')]) {
      expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});

describe('layerGroups', () => {
  /** Factor and weight decay (of 0.05) by parameter. */
  const settings = (
    model: Model,
    options: LayerGroupsOptions,
  ): Record<string, [factor: number, weightDecay: number]> => {
    const groups = layerGroups(model, options);
    const found = trainable(model).parameters.map(
      (name) => [name, groups.filter(({ pattern }) => pattern.test(name))] as const,
    );
    return Object.fromEntries(
      found
        .filter(([, own]) => own.length > 0)
        .map(([name, [group]]) => [
          name,
          [Number(group!.learningRateFactor!.toPrecision(9)), group!.weightDecay ?? 0.05],
        ]),
    );
  };

  it('fall from the output to the input', () => {
    const model = smallCnn({ classes: 3, size: 8, width: 2 });
    const freezing = freeze(model, 'conv1.weight');
    expect(settings(model, { layerDecay: 0.5, minFactor: 0.2, freezing })).toEqual({
      'conv1.norm.weight': [0.2, 0],
      'conv1.norm.bias': [0.2, 0],
      'conv2.weight': [0.25, 0.05],
      'conv2.norm.weight': [0.25, 0],
      'conv2.norm.bias': [0.25, 0],
      'hidden.weight': [0.5, 0.05],
      'hidden.bias': [0.5, 0],
      'classifier.weight': [1, 0.05],
      'classifier.bias': [1, 0],
    });
    expect(layerGroups(model, { decayVectors: true }).every((group) => group.weightDecay === undefined)).toBe(true);
    expect(adamw({ groups: layerGroups(model, { layerDecay: 0.5 }) }).description).toContain('0.5');
    expect(() => layerGroups(model, { layers: ['none'] })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('have one layer more per convolution on the longest way of a residual net', () => {
    const factors = Object.values(settings(cifarResnet({ classes: 3, depth: 8 }), { layerDecay: 0.5 }));
    expect(new Set(factors.map(([factor]) => factor)).size).toBe(8);
  });

  it("have timm's factors", () => {
    const architecture = { classes: 10, channels: 3, size: 224, patch: 16, depth: 12 };
    const blocks = Array.from({ length: 11 }, (_, index) => `blocks.${index}.*`);
    const ours = settings(vitTinyGraph(architecture, deterministicFill), {
      layerDecay: 0.75,
      layers: [['cls_token', 'pos_embed', 'patch_embed.*'], ...blocks, ['blocks.11.*', 'norm.*']],
      noWeightDecay: ['cls_token', 'pos_embed'],
    });
    expect(ours).toEqual(layerDecay);
  });
});

describe('exportInference', () => {
  it('says what it was told and takes any activation', async () => {
    const model = smallCnn({ classes: 2, size: 4, width: 1 });
    const shipped = exportInference(model, { activation: 'Softmax', metadata: { labels: ['a', 'b'] } });
    expect(readMetadata(shipped)).toEqual({ labels: ['a', 'b'] });
    const { data } = await run(shipped, deterministicFill('input', [1, 1, 4, 4]));
    expect(Number(data[0]) + Number(data[1])).toBeCloseTo(1, 6);
    expect(exportInference(fromOnnx(shipped), { activation: 'none' }).graph.outputs[0]!.name).toBe('logits');
  });

  it('refuses a broken note', () => {
    const model = { ...smallCnn({ classes: 2, size: 4, width: 1 }), metadata: { 'percept.train.activation': '{' } };
    expect(() => exportInference(model)).toThrow(expect.objectContaining({ code: 'TRAIN_MODEL_INVALID' }));
  });
});

describe('embeddingModel', () => {
  it('gives vectors of length 1, of zero features too', async () => {
    const classifier = smallCnn({ classes: 2, size: 8, width: 2 });
    const model = embeddingModel(classifier, { size: 16, seed: 1 });
    const { dims, data } = await run(model, deterministicFill('input', [3, 1, 8, 8]));
    expect(dims).toEqual([3, 16]);
    for (const row of [0, 1, 2])
      expect(Math.hypot(...(data as Float32Array).subarray(16 * row, 16 * row + 16))).toBeCloseTo(1, 6);
    expect(model.graph.initializers.has('classifier.weight')).toBe(false);
    for (const name of ['embedding.weight', 'embedding.bias']) {
      model.graph.initializers.set(name, tensor('float32', model.graph.initializers.get(name)!.dims));
    }
    expect((await run(model, deterministicFill('input', [1, 1, 8, 8]))).data).toEqual(new Float32Array(16));
  });

  it('refuses a convolution as last layer', () => {
    const model = squeezenetGraph({ classes: 2, channels: 3, size: 32, dropout: 0 }, deterministicFill);
    expect(() => embeddingModel(model)).toThrow(expect.objectContaining({ code: 'TRAIN_MODEL_INVALID' }));
  });
});
