import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Tensor, type TensorType, tensor } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onnxruntimeNode } from './backends/node.js';
import { GraphBuilder } from './graph-builder.js';
import type { Attribute, Graph, Model, Node, ValueInfo } from './model.js';
import { readModel } from './read-model.js';
import { writeModel } from './write-model.js';

const types: TensorType[] = [
  'float32',
  'float64',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
];

const text = fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('grün', '靴', '👟'));
const anyTensor: fc.Arbitrary<Tensor> = fc.oneof(
  fc
    .record({ type: fc.constantFrom(...types), dims: fc.array(fc.nat(4), { maxLength: 3 }), seed: fc.nat(255) })
    .map(({ type, dims, seed }) => {
      const made = tensor(type, dims);
      const { buffer } = made.data as Uint8Array;
      new Uint8Array(buffer).forEach((_, index, bytes) => {
        bytes[index] = seed + index * 7;
      });
      return made;
    }),
  fc.array(text, { maxLength: 3 }).map((items) => tensor('string', [items.length], items)),
);
const valueInfo: fc.Arbitrary<ValueInfo> = fc.record({
  name: text,
  type: fc.option(fc.constantFrom(...types), { nil: undefined }),
  dims: fc.option(fc.array(fc.oneof(fc.nat(), fc.string({ minLength: 1 }), fc.constant(undefined))), {
    nil: undefined,
  }),
  docString: text,
});
const { graph: anyGraph } = fc.letrec<{ graph: Graph; node: Node; attribute: Attribute }>((tie) => ({
  graph: fc.record({
    name: text,
    nodes: fc.array(tie('node'), { maxLength: 3 }),
    inputs: fc.array(valueInfo, { maxLength: 2 }),
    outputs: fc.array(valueInfo, { maxLength: 2 }),
    initializers: fc.array(fc.tuple(text, anyTensor), { maxLength: 3 }).map((entries) => new Map(entries)),
    valueInfos: fc.array(valueInfo, { maxLength: 2 }),
    docString: text,
  }),
  node: fc.record({
    name: text,
    opType: text,
    domain: text.filter((domain) => domain !== 'ai.onnx'),
    inputs: fc.array(text, { maxLength: 3 }),
    outputs: fc.array(text, { maxLength: 3 }),
    attributes: fc.dictionary(text, tie('attribute'), { maxKeys: 3, noNullPrototype: true }),
    docString: text,
  }),
  attribute: fc.oneof(
    { maxDepth: 2 },
    fc.record({ type: fc.constant('float' as const), value: fc.float() }),
    fc.record({ type: fc.constant('int' as const), value: fc.maxSafeInteger() }),
    fc.record({ type: fc.constant('string' as const), value: text }),
    fc.record({ type: fc.constant('tensor' as const), value: anyTensor }),
    fc.record({ type: fc.constant('floats' as const), value: fc.array(fc.float()) }),
    fc.record({ type: fc.constant('ints' as const), value: fc.array(fc.maxSafeInteger()) }),
    fc.record({ type: fc.constant('strings' as const), value: fc.array(text) }),
    fc.record({ type: fc.constant('graph' as const), value: tie('graph') }),
  ),
}));
const anyModel: fc.Arbitrary<Model> = fc.record({
  irVersion: fc.nat(),
  opsets: fc.dictionary(
    text.filter((domain) => domain !== 'ai.onnx'),
    fc.nat(),
    { noNullPrototype: true },
  ),
  producerName: text,
  producerVersion: text,
  domain: text,
  modelVersion: fc.maxSafeInteger(),
  docString: text,
  graph: anyGraph,
  metadata: fc.dictionary(text, text, { noNullPrototype: true }),
});

describe('writeModel', () => {
  it('writes what readModel reads back', () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        const bytes = writeModel(model);
        expect(readModel(bytes)).toEqual(model);
        expect(writeModel(readModel(bytes))).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps big weights in one piece beside small ones', () => {
    const graph = new GraphBuilder('weights');
    const large = new Float32Array(1_000_000).map((_, index) => index);
    graph.initializer('small', tensor('float32', [1], [1]));
    graph.initializer('large', tensor('float32', [1000, 1000], large));
    const { initializers } = readModel(writeModel(graph.build())).graph;
    expect([...initializers.keys()]).toEqual(['small', 'large']);
    expect(
      Buffer.compare(
        Buffer.from((initializers.get('large')!.data as Float32Array).slice().buffer),
        Buffer.from(large.buffer),
      ),
    ).toBe(0);
  });

  it.each([
    ['an integer attribute beyond 2^53', (graph: GraphBuilder) => graph.node('Op', [], { i: 2 ** 60 })],
    [
      'a float attribute beyond float32',
      (graph: GraphBuilder) => graph.node('Op', [], { f: { type: 'float', value: 1e300 } }),
    ],
    [
      'a fraction as an integer attribute',
      (graph: GraphBuilder) => graph.node('Op', [], { i: { type: 'int', value: 0.5 } }),
    ],
  ])('refuses %s', (_, add) => {
    const graph = new GraphBuilder('bad');
    add(graph);
    expect(() => writeModel(graph.build())).toThrow(expect.objectContaining({ code: 'ONNX_MODEL_UNWRITABLE' }));
  });

  it('refuses a tensor whose data does not fill its shape', () => {
    const graph = new GraphBuilder('bad');
    graph.initializer('w', { type: 'float32', dims: [2], data: new Float32Array(3) });
    expect(() => writeModel(graph.build())).toThrow(expect.objectContaining({ code: 'TENSOR_INVALID' }));
  });
});

const data = process.env.PERCEPT_DATA;
const models =
  data === undefined || !existsSync(data)
    ? []
    : readdirSync(join(data, 'models'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.onnx'));

/** A model with digests in place of weights, which Vitest compares too slowly. */
function summary(model: Model): unknown {
  const initializers = [...model.graph.initializers].map(([name, { type, dims, data }]) => {
    const { buffer, byteOffset, byteLength } = data as Uint8Array;
    const digest = createHash('sha256')
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest('hex');
    return { name, type, dims, digest };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

describe.skipIf(models.length === 0)('published models (needs PERCEPT_DATA, a folder of test data)', () => {
  it.each(models)('%s survives reading and writing, and still runs alike', async (file) => {
    const bytes = new Uint8Array(readFileSync(join(data!, 'models', file)));
    const model = readModel(bytes);
    const written = writeModel(model);
    expect(summary(readModel(written))).toEqual(summary(model));
    const runtime = onnxruntimeNode({ worker: false });
    const [before, after] = await Promise.all([runtime.createSession(bytes), runtime.createSession(written)]);
    expect([after.inputs, after.outputs]).toEqual([before.inputs, before.outputs]);
    const { name, type, dims } = before.inputs[0]!;
    const feed = tensor(
      type as 'float32',
      dims!.map((dim) => (typeof dim === 'number' ? dim : 1)),
    );
    expect(await after.run({ [name]: feed })).toEqual(await before.run({ [name]: feed }));
    await Promise.all([before.close(), after.close()]);
  });
});
