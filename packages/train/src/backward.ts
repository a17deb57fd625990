// Reverse-mode differentiation of a model for one batch size: emits the forward pass in its training form, the loss and
// the gradients of the loss. Everything is standard ONNX with shapes known beforehand.
import { PerceptError } from '@percept/core';
import type { Node } from '@percept/onnx';
import { gradients } from './gradients/table.js';
import type { Loss } from './losses.js';
import { requiredInputs, shapeRules } from './shape-rules.js';
import type { StepBuilder } from './step-builder.js';
import type { Trainable } from './trainable.js';
import { trainingForms } from './training-forms.js';
import { describeNode, unsupported } from './unsupported.js';

/** Values of an emitted training pass. */
export interface TrainingPass {
  readonly loss: string;
  /** The model's output, `[N, classes]`. */
  readonly scores: string;
  /** Gradient of the loss by name of what it was asked for. */
  readonly gradients: ReadonlyMap<string, string>;
  /** New running statistics by name. */
  readonly statistics: ReadonlyMap<string, string>;
}

/** What to differentiate, and for which sizes. */
export interface TrainingPassOptions {
  readonly loss: Loss;
  /** Names of the constants (or of the input) whose gradients are asked for. */
  readonly wrt: readonly string[];
  readonly inputDims: readonly number[];
  /** Value of the class indices, `[N]` int64. */
  readonly labels: string;
  /** Number of classes that the scores must be for, where it is known. */
  readonly classes?: number;
}

interface Step {
  readonly node: Node;
  readonly inputDims: readonly (readonly number[])[];
  readonly saved: Readonly<Record<string, string>>;
}

/**
 * Emits one training pass. The model's input and its constants must already be values of `g` under their own names.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED` for attributes without a gradient, `TRAIN_MODEL_INVALID` when the output is not
 *   `[N, classes]` or the loss does not depend on something in `wrt`
 */
export function emitTrainingPass(g: StepBuilder, model: Trainable, options: TrainingPassOptions): TrainingPass {
  const dims = new Map<string, readonly number[]>([[model.input, options.inputDims]]);
  for (const [name, { dims: shape }] of model.constants) dims.set(name, shape);
  const statistics = new Map<string, string>();
  const steps = model.nodes.map((node) => emitForward(g, model, node, dims, statistics));

  const scoreDims = dims.get(model.output)!;
  const { inputDims, classes = scoreDims[1] } = options;
  if (scoreDims.length !== 2 || scoreDims[0] !== inputDims[0] || scoreDims[1] !== classes) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected scores [${inputDims[0]}, ${classes ?? 'classes'}] for the model's output but received [${scoreDims.join(', ')}]`,
    );
  }
  const loss = options.loss.emit(g, model.output, options.labels, scoreDims as [number, number]);
  const found = emitBackward(g, steps, dims, new Map([[model.output, [loss.gradient]]]), new Set(options.wrt));
  for (const name of options.wrt) {
    if (!found.has(name)) {
      throw new PerceptError(
        'TRAIN_MODEL_INVALID',
        `Expected a loss that depends on ${name} but it does not. Remove it from the model`,
      );
    }
  }
  return { loss: loss.value, scores: model.output, gradients: found, statistics };
}

function emitForward(
  g: StepBuilder,
  model: Trainable,
  node: Node,
  dims: Map<string, readonly number[]>,
  statistics: Map<string, string>,
): Step {
  const inputDims = node.inputs.map((name) => {
    const shape = name === '' ? [] : dims.get(name);
    if (shape === undefined) {
      throw new PerceptError(
        'TRAIN_MODEL_INVALID',
        `Expected a first output of a node for input ${name} of ${describeNode(node)}`,
      );
    }
    return shape;
  });
  const required = requiredInputs[node.opType] ?? 1;
  if (node.inputs.length < required || node.inputs.slice(0, required).includes('')) {
    throw unsupported(node, `${required} inputs`, `[${node.inputs.join(', ')}]`);
  }
  const rule = shapeRules[node.opType]!;
  const constant = (index: number) => model.constants.get(node.inputs[index] ?? '');
  dims.set(node.outputs[0]!, rule({ node, inputs: inputDims, constant }));

  const form = trainingForms[node.opType];
  if (form === undefined) {
    g.node(node.opType, node.inputs, node.attributes, { outputs: node.outputs, name: node.name });
    return { node, inputDims, saved: {} };
  }
  const { output, saved, updated } = form(g, node, node.inputs, inputDims[0]!);
  g.node('Identity', [output], {}, { outputs: [node.outputs[0]!] });
  for (const [name, value] of Object.entries(updated)) statistics.set(name, value);
  return { node, inputDims, saved };
}

function emitBackward(
  g: StepBuilder,
  steps: readonly Step[],
  dims: ReadonlyMap<string, readonly number[]>,
  contributions: Map<string, string[]>,
  wrt: ReadonlySet<string>,
): Map<string, string> {
  // Only values that something asked for flows into are worth a gradient: the first layer's input is not.
  const needed = new Set(wrt);
  for (const { node } of steps) if (node.inputs.some((name) => needed.has(name))) needed.add(node.outputs[0]!);

  const total = (name: string): string | undefined => {
    const parts = contributions.get(name);
    return parts === undefined || parts.length === 1 ? parts?.[0] : g.node('Sum', parts);
  };
  for (const { node, inputDims, saved } of steps.toReversed()) {
    const output = node.outputs[0]!;
    const dY = needed.has(output) ? total(output) : undefined;
    if (dY === undefined) continue;
    const results = gradients[node.opType]!({
      g,
      node,
      inputs: node.inputs,
      inputDims,
      output,
      outputDims: dims.get(output)!,
      dY,
      needed: node.inputs.map((name) => needed.has(name)),
      saved,
    });
    for (const [index, name] of node.inputs.entries()) {
      const gradient = results[index];
      if (gradient !== undefined && needed.has(name)) {
        contributions.set(name, [...(contributions.get(name) ?? []), gradient]);
      }
    }
  }
  const found = new Map<string, string>();
  for (const name of wrt) {
    const gradient = total(name);
    if (gradient !== undefined) found.set(name, gradient);
  }
  return found;
}
