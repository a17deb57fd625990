// Classifiers are trained on logits and used by their probabilities. The activation that turns one into the other is
// taken off before training, noted in the model's metadata, and put back on export.
import { isPerceptError, PerceptError, parseOptions } from '@percept/core';
import type { Graph, Model, Node } from '@percept/onnx';
import { GraphEditor } from '@percept/onnx/graph';
import * as z from 'zod';

/** Activations that turn logits into probabilities, or their logarithms. */
export type FinalActivation = 'Softmax' | 'LogSoftmax' | 'Sigmoid';

/** An activation taken off a model. */
export interface RemovedActivation {
  readonly opType: FinalActivation;
  /** Name of the output that it made. */
  readonly output: string;
}

const key = 'percept.train.activation';
const names = ['Softmax', 'LogSoftmax', 'Sigmoid'] as const;
const schema = z.looseObject({
  schema: z.literal(1),
  value: z.looseObject({ opType: z.enum(names), output: z.string().min(1) }),
});

/** Whether the node is an activation that training takes off. */
function isFinalActivation(node: Node | undefined): boolean {
  return node?.domain === '' && (names as readonly string[]).includes(node.opType);
}

/**
 * Takes the activation off the model's only output, in place, and notes it. The output is then what the activation read.
 *
 * @returns what was taken off; `undefined` where there is none
 */
export function takeOffActivation(model: Model): RemovedActivation | undefined {
  const { graph } = model;
  const editor = new GraphEditor(graph);
  const output = graph.outputs[0]!;
  const node = editor.producer(output.name);
  if (!isFinalActivation(node)) return undefined;
  const removed = { opType: node!.opType as FinalActivation, output: output.name };
  editor.removeOutput(output.name);
  editor.addOutput({ ...output, name: node!.inputs[0]! });
  editor.removeUnused();
  model.metadata = { ...model.metadata, [key]: JSON.stringify({ schema: 1, value: removed }) };
  return removed;
}

/**
 * What was taken off the model.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the note is not as it was written
 */
export function removedActivation(model: Model): RemovedActivation | undefined {
  const text = model.metadata[key];
  if (text === undefined) return undefined;
  try {
    const { opType, output } = parseOptions(schema, JSON.parse(text), `metadata ${key}`).value;
    return { opType, output };
  } catch (cause) {
    if (!isPerceptError(cause) && !(cause instanceof SyntaxError)) throw cause;
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected JSON as fromOnnx() writes it for metadata ${key} but: ${cause.message}. Delete the key, and say the activation to exportInference()`,
      { cause },
    );
  }
}

/** Puts an activation behind the model's output, in place, and deletes the note of the one taken off. */
export function putBackActivation(model: Model, activation: RemovedActivation | undefined): void {
  const { [key]: _, ...metadata } = model.metadata;
  model.metadata = metadata;
  if (activation !== undefined) append(model.graph, activation);
}

function append(graph: Graph, { opType, output }: RemovedActivation): void {
  const editor = new GraphEditor(graph);
  const info = graph.outputs[0]!;
  const attributes = opType === 'Sigmoid' ? {} : { axis: 1 };
  const name = output === info.name ? editor.freshName('probabilities') : output;
  const taken = editor.producer(name) !== undefined || editor.isInput(name) || graph.initializers.has(name);
  const made = taken ? editor.freshName('probabilities') : name;
  editor.insert({ opType, inputs: [info.name], outputs: [made], attributes });
  editor.removeOutput(info.name);
  editor.addOutput({ ...info, name: made });
}
