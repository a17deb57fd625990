// Reverse-mode differentiation of a model for one batch size: emits the forward pass in its training form, the loss and
// the gradients of the loss. Everything is standard ONNX with shapes known beforehand.
import { PerceptError } from '@percept/core';
import type { Node } from '@percept/onnx';
import { hasGradient } from './differentiability.js';
import { type FixedSizes, fixSizes } from './fixed-sizes.js';
import { gradients } from './gradients/table.js';
import { type EmittedLoss, emitRightClasses, type Loss } from './losses/loss.js';
import type { StepBuilder } from './step-builder.js';
import type { Trainable } from './trainable.js';
import { trainingForms } from './training-forms.js';
import { unsupported } from './unsupported.js';

/** Values of an emitted training pass. */
export interface TrainingPass {
  readonly loss: string;
  /** The model's output. */
  readonly scores: string;
  /** Its shape, the batch first. */
  readonly scoreDims: readonly number[];
  /** The right class of every score vector; `undefined` where the loss compares with no classes. */
  readonly rightClasses: string | undefined;
  /** Gradient of the loss by name of what it was asked for. */
  readonly gradients: ReadonlyMap<string, string>;
  /** New running statistics by name. */
  readonly statistics: ReadonlyMap<string, string>;
  /** What the nodes of the model give, in the order of their computation. */
  readonly activations: readonly Activation[];
}

/** A float32 value that a node of the model gives. */
interface Activation {
  readonly value: string;
  readonly node: Node;
}

/** What to differentiate, and for which sizes. */
export interface TrainingPassOptions {
  readonly loss: Loss;
  /** Names of the constants (or of the input) whose gradients are asked for. */
  readonly wrt: readonly string[];
  readonly inputDims: readonly number[];
  /** Running statistics that stay: their BatchNormalization normalizes by them. Default: none. */
  readonly frozenStatistics?: readonly string[];
  /** Whether Dropouts drop, by the numbers of `StepBuilder.random`. Default true. */
  readonly dropout?: boolean;
  /** Emits the value of what the loss compares with, for scores of a shape. */
  labels(scoreDims: readonly number[]): string;
  /** Number of classes that the scores must be for, where the loss compares classes and it is known. */
  readonly classes?: number;
}

/** A differentiable computation that was emitted. */
export interface ForwardPass {
  /** Element type and dims of a value of the model, where they are known. */
  readonly type: FixedSizes['type'];
  /** New running statistics by name. */
  readonly statistics: ReadonlyMap<string, string>;
  readonly activations: readonly Activation[];
  /**
   * Emits the gradients of what `outputs` (gradients by value of the model) are gradients of, by name of what was asked
   * for; names that nothing flows to are left out. To be called once.
   */
  backward(outputs: ReadonlyMap<string, string>): ReadonlyMap<string, string>;
}

interface Step {
  readonly node: Node;
  readonly saved: Readonly<Record<string, string>>;
}

/**
 * Emits one training pass. The model's input and its constants must already be values of `g` under their own names.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED` for operators or attributes without a gradient, `TRAIN_MODEL_INVALID` when the
 *   output has not the batch first or is not for the classes of the data, or the loss does not depend on something in `wrt`
 */
export function emitTrainingPass(g: StepBuilder, model: Trainable, options: TrainingPassOptions): TrainingPass {
  const forward = emitForwardPass(g, model, options);
  const { loss, rightClasses, scoreDims } = emitLoss(g, model, forward, options);
  const found = forward.backward(new Map([[model.output, loss.gradient]]));
  for (const name of options.wrt) {
    if (!found.has(name)) {
      throw new PerceptError(
        'TRAIN_MODEL_INVALID',
        `Expected a loss that depends on ${name} but it does not. Remove it from the model`,
      );
    }
  }
  const { statistics, activations } = forward;
  const { output: scores } = model;
  return { loss: loss.value, scores, scoreDims, rightClasses, gradients: found, statistics, activations };
}

/**
 * Emits the loss of what a forward pass gives.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the scores have not the batch first, or are for other classes than the data
 */
export function emitLoss(
  g: StepBuilder,
  { output }: Trainable,
  { type }: Pick<ForwardPass, 'type'>,
  { inputDims, loss, labels: emitLabels, classes }: Omit<TrainingPassOptions, 'wrt'>,
): { loss: EmittedLoss; rightClasses: string | undefined; scoreDims: readonly number[] } {
  const scoreDims = type(output)?.dims ?? [];
  const wrong = (expected: string): PerceptError =>
    new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected scores ${expected} for the model's output but received [${scoreDims.join(', ')}]. Build the model for the classes of the data, or give it another head with replaceHead()`,
    );
  if (scoreDims[0] !== inputDims[0]) throw wrong(`[${inputDims[0]}, …]`);
  const labels = emitLabels(scoreDims);
  const rightClasses = emitRightClasses(g, loss, labels, scoreDims);
  if (rightClasses !== undefined && classes !== undefined && scoreDims[1] !== classes) {
    throw wrong(`[${inputDims[0]}, ${classes}, …]`);
  }
  return { loss: loss.emit(g, output, labels, scoreDims, classes), rightClasses, scoreDims };
}

/** How a forward pass is emitted. */
export interface ForwardOptions
  extends Pick<TrainingPassOptions, 'wrt' | 'inputDims' | 'frozenStatistics' | 'dropout'> {
  /** Value of the share of the batch in new running statistics. Default: as each BatchNormalization's momentum says. */
  readonly statisticsShare?: string;
  /** `use`: as the exported model computes, without gradients. Default `training`. */
  readonly form?: 'training' | 'use';
}

/**
 * Emits the forward pass, in its training form for gradients with respect to `wrt`. The model's input and its constants
 * must already be values of `g` under their own names.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED`
 */
export function emitForwardPass(
  g: StepBuilder,
  model: Trainable,
  { wrt, inputDims, frozenStatistics = [], statisticsShare, dropout = true, form = 'training' }: ForwardOptions,
): ForwardPass {
  g.requireOpset(model.opset);
  const drops = dropout && form === 'training';
  const sizes = fixSizes(model, inputDims, new Set([...wrt, ...model.parameters]), { drops });
  const statistics = new Map<string, string>();
  for (const [name, value] of sizes.folded) g.initializer(name, value);
  const open = sizes.nodes.find(({ outputs }) => outputs.some((name) => name !== '' && sizes.type(name) === undefined));
  if (open !== undefined && sizes.type(model.output) === undefined) {
    throw unsupported(open, 'outputs whose sizes follow from the size of the input', 'others');
  }
  const still = new Set(frozenStatistics);
  const forms = form === 'training' ? trainingForms : {};
  const steps = sizes.nodes.map((node) => emitForward(g, node, { sizes, statistics, still, forms, statisticsShare }));
  const isFloat = (value: string): boolean => value !== '' && sizes.type(value)?.elementType === 'float32';
  return {
    type: sizes.type,
    statistics,
    activations: sizes.nodes.flatMap((node) => node.outputs.filter(isFloat).map((value) => ({ value, node }))),
    backward: (outputs) => emitBackward(g, steps, sizes, outputs, new Set(wrt)),
  };
}

/** Where the training forms of the nodes meet. */
interface ForwardContext {
  readonly sizes: FixedSizes;
  /** New running statistics by name, to be added to. */
  readonly statistics: Map<string, string>;
  /** Running statistics that stay. */
  readonly still: ReadonlySet<string>;
  readonly forms: typeof trainingForms;
  readonly statisticsShare: string | undefined;
}

function emitForward(g: StepBuilder, node: Node, context: ForwardContext): Step {
  const { sizes, statistics, still, forms, statisticsShare } = context;
  const form = node.domain === '' ? forms[node.opType] : undefined;
  const normalizesByConstants = node.opType === 'BatchNormalization' && still.has(node.inputs[3] ?? '');
  if (form === undefined || normalizesByConstants) {
    const { opType, inputs, attributes, outputs, name, domain } = node;
    g.multi(opType, inputs, attributes, { outputs, name, domain });
    return { node, saved: {} };
  }
  const {
    output,
    saved,
    updated = {},
  } = form(g, node, node.inputs, dimsOf(node, node.inputs[0] ?? '', sizes), statisticsShare);
  g.node('Identity', [output], {}, { outputs: [node.outputs[0]!] });
  for (const [name, value] of Object.entries(updated)) statistics.set(name, value);
  return { node, saved };
}

function dimsOf(node: Node, value: string, sizes: FixedSizes): readonly number[] {
  if (value === '') return [];
  const type = sizes.type(value);
  if (type === undefined) throw unsupported(node, `sizes of ${value} that follow from the size of the input`, 'others');
  return type.dims;
}

const floats: readonly string[] = ['float32', 'float16', 'float64', 'bfloat16'];

/** Names of all values that something in `wrt` flows into. Only those are worth a gradient: the first layer's input is not. */
function valuesThatDependOn(wrt: ReadonlySet<string>, steps: readonly Step[], sizes: FixedSizes): ReadonlySet<string> {
  const needed = new Set(wrt);
  for (const { node } of steps) {
    if (!node.inputs.some((name, index) => needed.has(name) && hasGradient(node, index))) continue;
    for (const name of node.outputs) {
      // Gradients go straight through quantized values, but end at other integers.
      const type = sizes.type(name)?.elementType ?? 'float32';
      if (name !== '' && (floats.includes(type) || node.opType === 'QuantizeLinear')) needed.add(name);
    }
  }
  return needed;
}

function emitBackward(
  g: StepBuilder,
  steps: readonly Step[],
  sizes: FixedSizes,
  outputs: ReadonlyMap<string, string>,
  wrt: ReadonlySet<string>,
): Map<string, string> {
  const needed = valuesThatDependOn(wrt, steps, sizes);
  const contributions = new Map([...outputs].map(([name, gradient]) => [name, [gradient]]));
  const total = (name: string): string | undefined => {
    const parts = contributions.get(name);
    return parts === undefined || parts.length === 1 ? parts?.[0] : g.node('Sum', parts);
  };
  for (const { node, saved } of steps.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name) && contributions.has(name))) continue;
    const gradient = node.domain === '' && Object.hasOwn(gradients, node.opType) ? gradients[node.opType] : undefined;
    if (gradient === undefined) throw unsupported(node, 'an operator with a gradient', node.opType);
    const outputDims = node.outputs.map((name) => dimsOf(node, name, sizes));
    const zeros = (index: number): string => g.fill(outputDims[index]!, 0);
    const dYs = node.outputs.map((name, index) => total(name) ?? (name === '' ? '' : zeros(index)));
    const results = gradient({
      g,
      node,
      inputs: node.inputs,
      inputDims: node.inputs.map((name) => dimsOf(node, name, sizes)),
      inputTypes: node.inputs.map((name) => sizes.type(name)?.elementType),
      constant: (index) => sizes.constant(node.inputs[index] ?? ''),
      output: node.outputs[0]!,
      outputDims: outputDims[0]!,
      dY: dYs[0]!,
      dYs,
      needed: node.inputs.map((name, index) => needed.has(name) && hasGradient(node, index)),
      saved,
    });
    for (const [index, name] of node.inputs.entries()) {
      const part = results[index];
      if (part !== undefined && needed.has(name)) contributions.set(name, [...(contributions.get(name) ?? []), part]);
    }
  }
  const found = new Map<string, string>();
  for (const name of wrt) {
    const gradient = total(name);
    if (gradient !== undefined) found.set(name, gradient);
  }
  return found;
}
