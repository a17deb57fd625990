import type { Tensor } from '@percept/core';
import type { Model, Node } from '@percept/onnx';
import { attributes, describeNode, GraphEditor } from '@percept/onnx/graph';
import { notTrainable } from './not-trainable.js';

/** The last layer of a classifier: what turns features into one score per class. */
export interface Head {
  /** The Gemm, MatMul or Conv. */
  readonly node: Node;
  /** Name of the weight. */
  readonly weight: string;
  /** Name of the bias, where there is one, in the node itself or in an Add behind it. */
  readonly bias: string | undefined;
  /** Which axis of the weight counts the classes. */
  readonly classAxis: 0 | 1;
  readonly classes: number;
  /** Features that every score is computed of. */
  readonly features: number;
  /** The nodes between the head and the output, the first of them first. */
  readonly after: readonly Node[];
}

/** Operators that may stand between the head and the output: they neither mix classes nor learn. */
const passing = new Set([
  ...['Identity', 'Flatten', 'Reshape', 'Squeeze', 'Softmax', 'LogSoftmax', 'Sigmoid', 'Relu', 'Dropout'],
  ...['GlobalAveragePool', 'AveragePool', 'ReduceMean', 'Transpose', 'Cast'],
]);

/**
 * Finds the head of a classifier: the last Gemm, MatMul (with an Add behind it, or without) or 1×1 Conv.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID`, naming the node that is there instead
 */
export function findHead(model: Model): Head {
  const editor = new GraphEditor(model.graph);
  const after: Node[] = [];
  let bias: string | undefined;
  let node = editor.producer(model.graph.outputs[0]!.name);
  while (node !== undefined && node.domain === '') {
    const head = headOf(editor, node, bias, after);
    if (head !== undefined) return head;
    const added = node.opType === 'Add' ? node.inputs.find((name) => editor.constant(name) !== undefined) : undefined;
    if (added !== undefined && bias === undefined) bias = added;
    else if (!passing.has(node.opType) && !selectsClasses(editor, node)) break;
    after.unshift(node);
    node = editor.producer(node.inputs.find((name) => name !== added)!);
  }
  throw notTrainable(
    'a classifier that ends in a Gemm, a MatMul or a 1×1 Conv of constant weights',
    node === undefined ? 'none before the input' : describeNode(node),
    'Cut the model behind its features with extractSubgraph() of @percept/onnx/graph, and add a layer',
    { node: node?.name },
  );
}

/** Whether a node cuts scores out of `[N, classes]`: networks that were taught a class for the background leave it out. */
export function selectsClasses(editor: GraphEditor, { opType, inputs }: Node): boolean {
  if (opType !== 'Slice') return false;
  const axes = editor.constant(inputs[3]);
  return axes !== undefined && axes.data.length === 1 && Number(axes.data[0]) === 1;
}

function headOf(editor: GraphEditor, node: Node, added: string | undefined, after: readonly Node[]): Head | undefined {
  // As torch.nn.Linear is written without optimizing: a MatMul with the weight transposed.
  const transpose = editor.producer(node.inputs[1] ?? '');
  const transposed = transpose?.opType === 'Transpose' && editor.constant(transpose.inputs[0])?.dims.length === 2;
  const weight = transposed ? transpose.inputs[0] : node.inputs[1];
  const tensor = editor.constant(weight);
  if (tensor === undefined) return undefined;
  const axis = axisOfClasses(node, tensor);
  if (axis === undefined) return undefined;
  const classAxis = transposed ? ((1 - axis) as 0 | 1) : axis;
  const bias = node.opType === 'MatMul' ? added : node.inputs[2] || undefined;
  const [classes, features] = [tensor.dims[classAxis]!, tensor.dims[1 - classAxis]!];
  return { node, weight: weight!, bias, classAxis, classes, features, after };
}

function axisOfClasses(node: Node, { dims }: Tensor): 0 | 1 | undefined {
  const read = attributes(node);
  switch (node.opType) {
    case 'Gemm':
      return read.int('transB', 0) === 1 ? 0 : 1;
    case 'MatMul':
      return dims.length === 2 ? 1 : undefined;
    case 'Conv':
      return read.int('group', 1) === 1 && dims.slice(2).every((size) => size === 1) ? 0 : undefined;
    default:
      return undefined;
  }
}

/**
 * Names of the parameters of a classifier's last layer, its weight and its bias, for `freeze` and `layerGroups`.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model does not end in a Gemm, a MatMul or a 1×1 Conv
 */
export function headParameters(model: Model): string[] {
  const { weight, bias } = findHead(model);
  return bias === undefined ? [weight] : [weight, bias];
}
