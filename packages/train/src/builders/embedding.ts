import { parseOptions, tensor } from '@percept/core';
import { cloneModel, type Model } from '@percept/onnx';
import { GraphEditor } from '@percept/onnx/graph';
import * as z from 'zod';
import { findHead } from '../models/head.js';
import { notTrainable } from '../models/not-trainable.js';
import { keyedInitialization, torchDefault } from './initialization.js';

/** Options of {@link embeddingModel}. */
export interface EmbeddingOptions {
  /** Numbers in an embedding, at least 2. Default 128. */
  size?: number;
  /** The same seed gives the same weights, bit for bit. Default 0. */
  seed?: number;
}

const schema = z.strictObject({ size: z.int().min(2).optional(), seed: z.int().optional() });

/**
 * A model for visual search, made of a classifier: its last layer (a Gemm, or a MatMul on `[N, features]`) gives way to a
 * new one of `size` numbers, initialised as `torch.nn.Linear`, whose result is divided by its length, as
 * `torch.nn.functional.normalize`. Images are alike when the product of their embeddings is near 1.
 *
 * @returns a model with the classifier's input and the output `embedding` `[N, size]`, of length 1. The classifier is not
 *   changed; its other weights are shared
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model does not end in a fully connected layer; `INVALID_ARGUMENT`
 */
export function embeddingModel(classifier: Model, options: EmbeddingOptions = {}): Model {
  const { size = 128, seed = 0 } = parseOptions(schema, options, 'embeddingModel() options');
  const model = cloneModel(classifier);
  const { graph } = model;
  const { node, features } = findHead(model);
  if (node.opType === 'Conv') {
    const advice = 'Take a backbone that pools before its last layer, such as resnet18 or mobilenetV2';
    throw notTrainable('a last layer on [N, features]', `the Conv ${JSON.stringify(node.name)}`, advice);
  }
  const editor = new GraphEditor(graph);
  for (const { name } of [...graph.outputs]) editor.removeOutput(name);
  const initialize = keyedInitialization(seed);
  const parameter = (name: string, dims: readonly number[]): string =>
    editor.addConstant(name, initialize(name, dims, torchDefault([size, features])));
  const add = (opType: string, inputs: string[], attributes = {}, output = editor.freshName(opType)): string =>
    editor.insert({ opType, inputs, attributes, outputs: [output] }).outputs[0]!;

  const inputs = [
    node.inputs[0]!,
    parameter('embedding.weight', [size, features]),
    parameter('embedding.bias', [size]),
  ];
  const linear = add('Gemm', inputs, { transB: 1 });
  const axes = editor.addConstant('embedding.axes', tensor('int64', [1], [1]));
  const square = add('ReduceSum', [add('Mul', [linear, linear]), axes], { keepdims: 1 });
  // The length is at least 1e-12, as in PyTorch: no division by zero, and no infinite gradient.
  const least = editor.addConstant('embedding.least', tensor('float32', [], [1e-24]));
  const length = add('Sqrt', [add('Clip', [square, least])]);
  const embedding = add('Div', [linear, length], {}, editor.freshName('embedding'));
  editor.addOutput({ name: embedding, type: 'float32', dims: ['N', size], docString: '' });
  editor.removeUnused();
  for (const key of ['labels', 'profile', 'calibration', 'train.activation']) delete model.metadata[`percept.${key}`];
  return model;
}
