import { PerceptError, type Tensor } from '@percept/core';
import { type Model, type Node, topologicalSort } from '@percept/onnx';
import { gradients } from './gradients/table.js';
import { poolBeforeRelu } from './pool-before-relu.js';
import { describeNode } from './unsupported.js';

/** A model seen as something to train. */
export interface Trainable {
  /**
   * Nodes in topological order, Constant nodes left out. What nodes make is renamed, so that it cannot clash with what is
   * emitted beside it; constants and the input keep their names.
   */
  readonly nodes: readonly Node[];
  /** All constants, those of Constant nodes among them. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Names of the constants that have a gradient: weights, biases, scales. In order of use. */
  readonly parameters: readonly string[];
  /** Names of the constants that training changes without a gradient: running statistics. In order of use. */
  readonly statistics: readonly string[];
  /** The value that takes the images. */
  readonly input: string;
  /** The value that gives one score per class. */
  readonly output: string;
}

/** Inputs of an operator that are no float data and so have no gradient. */
const withoutGradient: Readonly<Record<string, readonly number[]>> = { Reshape: [1], BatchNormalization: [3, 4] };
/** Inputs of an operator that its training form replaces. */
const statisticsOf: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

/**
 * Sorts out what of a model can be trained.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED` for an operator without gradient, `TRAIN_MODEL_INVALID` for a model of another
 *   form than one float32 input and one output
 */
export function trainable(model: Model): Trainable {
  const { graph } = model;
  const constants = new Map(graph.initializers);
  const nodes: Node[] = [];
  for (const node of topologicalSort(graph)) {
    const value = node.opType === 'Constant' ? node.attributes.value : undefined;
    if (value?.type === 'tensor') constants.set(node.outputs[0]!, value.value);
    else nodes.push(node);
  }
  checkOperators(model, nodes);

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
  for (const node of nodes) {
    for (const [index, name] of node.inputs.entries()) {
      if (statisticsOf[node.opType]?.includes(index)) statistics.add(name);
      if (withoutGradient[node.opType]?.includes(index)) continue;
      if (constants.get(name)?.type === 'float32') parameters.add(name);
    }
  }
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const rename = (name: string): string => (name !== '' && made.has(name) ? `value.${name}` : name);
  for (const name of statistics) {
    if (!constants.has(name)) {
      throw new PerceptError('TRAIN_MODEL_INVALID', `Expected a constant for the running statistics ${name}`);
    }
  }
  const renamed = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  return {
    nodes: poolBeforeRelu(renamed, rename(output.name)),
    constants,
    parameters: [...parameters],
    statistics: [...statistics],
    input: input.name,
    output: rename(output.name),
  };
}

function checkOperators(model: Model, nodes: readonly Node[]): void {
  const opset = model.opsets[''] ?? 0;
  if (opset < 13 || opset > 22) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected an opset from 13 to 22 but received ${opset}. Export the model again, or convert it`,
    );
  }
  const missing = nodes.filter(({ opType, domain }) => domain !== '' || !(opType in gradients));
  if (missing.length > 0) {
    const kinds = [...new Set(missing.map(({ opType }) => opType))];
    throw new PerceptError(
      'TRAIN_UNSUPPORTED',
      `Expected only operators with a gradient (${Object.keys(gradients).sort().join(', ')}) but received ${kinds.join(', ')}, first in ${describeNode(missing[0]!)}`,
      { details: { operators: kinds } },
    );
  }
}

function list(infos: readonly { name: string; type: string | undefined }[]): string {
  return infos.map(({ name, type }) => `${name}: ${type ?? 'no tensor'}`).join(', ') || 'none';
}
