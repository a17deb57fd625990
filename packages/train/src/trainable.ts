import { PerceptError, type Tensor } from '@percept/core';
import { type Model, type Node, topologicalSort, type ValueInfo } from '@percept/onnx';
import { constantOf, convertOpset, subgraphsOf } from '@percept/onnx/graph';
import { hasGradient, isLearned } from './differentiability.js';
import { markRows, stochasticDepthOf } from './dropout-nodes.js';
import { gradients } from './gradients/table.js';
import { poolBeforeRelu } from './pool-before-relu.js';
import { describeNode } from './unsupported.js';

/** A model seen as something to train. */
export interface Trainable {
  /** Version of the standard operators that the nodes are of, 17 to 22. */
  readonly opset: number;
  /**
   * Nodes in topological order, Constant nodes left out. What nodes make is renamed, so that it cannot clash with what is
   * emitted beside it; constants and the input keep their names.
   */
  readonly nodes: readonly Node[];
  /** All constants, those of Constant nodes among them. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /**
   * Names of the constants that are learned: weights, biases, scales, from which a gradient flows to the output. Numbers
   * of formulas (constants without dimensions in arithmetic, bounds, exponents) are none. In order of use.
   */
  readonly parameters: readonly string[];
  /** Names of the constants that training changes without a gradient: running statistics. In order of use. */
  readonly statistics: readonly string[];
  /** The value that takes the images. */
  readonly input: string;
  /** Its declared sizes, names where they vary; `undefined` where nothing is declared. */
  readonly inputDims: ValueInfo['dims'];
  /** The value that gives one score per class. */
  readonly output: string;
}

/** Inputs of an operator that its training form replaces. */
const statisticsOf: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

/** Versions of the standard operators that are trained. Older models are brought to the first of them. */
const trainableOpsets = { oldest: 17, newest: 22 } as const;

/**
 * Sorts out what of a model can be trained.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED` for an operator without gradient between a parameter and the output,
 *   `TRAIN_MODEL_INVALID` for a model of another form than one float32 input and one output;
 *   `ONNX_OPSET_UNCONVERTIBLE` for an old operator that newer ones do not replace
 */
export function trainable(given: Model): Trainable {
  const model = modern(given);
  const { graph } = model;
  const constants = new Map(graph.initializers);
  const inline = new Set<string>();
  const nodes: Node[] = [];
  for (const node of topologicalSort(graph)) {
    const value = constantOf(node);
    if (value === undefined) {
      nodes.push(node);
      continue;
    }
    constants.set(node.outputs[0]!, value);
    inline.add(node.outputs[0]!);
  }

  const inputs = graph.inputs.filter(({ name }) => !constants.has(name));
  const [input] = inputs;
  const [output] = graph.outputs;
  if (inputs.length !== 1 || graph.outputs.length !== 1 || input?.type !== 'float32' || output === undefined) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected a model with one float32 input and one output but received inputs ${list(inputs)} and outputs ${list(graph.outputs)}`,
    );
  }
  const statistics = new Set<string>();
  const parameters = new Set<string>();
  const reached = valuesThatReach(output.name, nodes);
  for (const node of nodes) {
    const open = node.outputs.some((name) => reached.has(name));
    for (const [index, name] of node.inputs.entries()) {
      if (node.domain === '' && statisticsOf[node.opType]?.includes(index)) statistics.add(name);
      const constant = constants.get(name);
      if (!open || constant?.type !== 'float32' || !hasGradient(node, index)) continue;
      if (isLearned(node, constant.dims, inline.has(name))) parameters.add(name);
    }
  }
  checkOperators(nodes, parameters, reached);
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const rename = (name: string): string => (name !== '' && made.has(name) ? `value.${name}` : name);
  for (const name of statistics) {
    if (!constants.has(name)) {
      throw new PerceptError('TRAIN_MODEL_INVALID', `Expected a constant for the running statistics ${name}`);
    }
  }
  const rows = new Set(stochasticDepthOf(given));
  const renamed = nodes.map((node) => ({
    ...markRows(node, rows),
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  return {
    opset: model.opsets['']!,
    nodes: poolBeforeRelu(renamed, rename(output.name)),
    constants,
    parameters: [...parameters],
    statistics: [...statistics],
    input: input.name,
    inputDims: input.dims,
    output: rename(output.name),
  };
}

/** Names of the values from which a gradient of the output is not zero by the kinds of the operators. */
export function valuesThatReach(output: string, nodes: readonly Node[]): ReadonlySet<string> {
  const reached = new Set([output]);
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => reached.has(name))) continue;
    for (const [index, name] of node.inputs.entries()) if (name !== '' && hasGradient(node, index)) reached.add(name);
  }
  return reached;
}

function modern(model: Model): Model {
  const opset = model.opsets[''] ?? 0;
  const { oldest, newest } = trainableOpsets;
  if (opset < 7 || opset > newest) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected an opset from 7 to ${newest} but received ${opset}. Export the model again, or convert it`,
    );
  }
  return opset < oldest ? convertOpset(model, oldest) : model;
}

/** Refuses what has no gradient between a parameter and the output. Nodes with graphs may fold for a size of the input. */
function checkOperators(nodes: readonly Node[], parameters: ReadonlySet<string>, reached: ReadonlySet<string>): void {
  const changing = new Set(parameters);
  const missing: Node[] = [];
  for (const node of nodes) {
    if (!node.inputs.some((name, index) => changing.has(name) && hasGradient(node, index))) continue;
    for (const name of node.outputs) changing.add(name);
    if (!node.outputs.some((name) => reached.has(name)) || subgraphsOf(node).length > 0) continue;
    if (node.domain !== '' || !Object.hasOwn(gradients, node.opType)) missing.push(node);
  }
  if (missing.length > 0) {
    const kinds = [...new Set(missing.map(({ opType }) => opType))];
    throw new PerceptError(
      'TRAIN_UNSUPPORTED',
      `Expected only operators with a gradient between the weights and the output but received ${kinds.join(', ')}, first in ${describeNode(missing[0]!)}. Build it of other operators, or cut the model before it with extractSubgraph() of @percept/onnx/graph; docs/compatibility.md lists the operators that have one`,
      { details: { operators: kinds } },
    );
  }
}

function list(infos: readonly { name: string; type: string | undefined }[]): string {
  return infos.map(({ name, type }) => `${name}: ${type ?? 'no tensor'}`).join(', ') || 'none';
}
