// Operators that compute something else while training than in use: one function per operator, named as the operator.
import { elementCount } from '@percept/core';
import type { Node } from '@percept/onnx';
import { attributes } from '@percept/onnx/graph';
import { dropsRows } from './dropout-nodes.js';
import { axisFromFront } from './gradients/axes.js';
import type { StepBuilder } from './step-builder.js';
import { unsupported } from './unsupported.js';

/** What a training form emitted. */
interface TrainingForm {
  /** The node's first output. */
  readonly output: string;
  /** Values for the gradient. */
  readonly saved: Readonly<Record<string, string>>;
  /** New values of inputs that training changes without a gradient, by the name of the input. */
  readonly updated?: Readonly<Record<string, string>>;
}

type EmitTrainingForm = (
  g: StepBuilder,
  node: Node,
  inputs: readonly string[],
  dims: readonly number[],
  /** Value of the share of the batch in new running statistics. Default: as the operator's momentum says. */
  share?: string,
) => TrainingForm;

/**
 * Normalizes by the statistics of the batch and moves the running ones towards them, the variance without bias as
 * PyTorch does. Emitted from simple operators: onnxruntime's BatchNormalization with training_mode=1 overwrites
 * constants of the graph (onnxruntime#29790).
 */
const BatchNormalization: EmitTrainingForm = (g, node, inputs, dims, share) => {
  if (attributes(node).int('training_mode', 0) === 1) {
    throw unsupported(node, 'the inference form (training_mode 0), which is trained all the same', 'training_mode 1');
  }
  const [x, scale, bias, runningMean, runningVariance] = inputs as [string, string, string, string, string];
  const channels = dims[1]!;
  const axes = [0, ...Array.from({ length: dims.length - 2 }, (_, axis) => axis + 2)];
  const count = elementCount(dims) / channels;
  if (count < 2) throw unsupported(node, 'more than one value per channel to take statistics of', 'one');
  const momentum = attributes(node).float('momentum', 0.9);
  const epsilon = attributes(node).float('epsilon', 1e-5);

  const mean = g.node('ReduceMean', [x], { axes, keepdims: 1 });
  const centered = g.node('Sub', [x, mean]);
  const variance = g.node('ReduceMean', [g.node('Mul', [centered, centered])], { axes, keepdims: 0 });
  const deviation = g.node('Sqrt', [g.node('Add', [variance, g.scalar(epsilon)])]);
  const inverseDeviation = g.node('Reciprocal', [deviation]);
  const output = g.affine(centered, g.node('Mul', [scale, inverseDeviation]), bias, channels);

  const move = (running: string, current: string, weight: number): string => {
    if (share !== undefined) {
      const change = g.node('Sub', [g.node('Mul', [current, g.scalar(weight)]), running]);
      return g.node('Add', [running, g.node('Mul', [change, share])]);
    }
    return g.node('Add', [
      g.node('Mul', [running, g.scalar(momentum)]),
      g.node('Mul', [current, g.scalar((1 - momentum) * weight)]),
    ]);
  };
  return {
    output,
    saved: { centered, inverseDeviation },
    updated: {
      [runningMean]: move(runningMean, g.reshape(mean, [channels]), 1),
      [runningVariance]: move(runningVariance, variance, count / (count - 1)),
    },
  };
};

/** Normalizes over the last axes, in the operator's own steps so that the gradient finds them. */
const LayerNormalization: EmitTrainingForm = (g, node, inputs, dims) => {
  if (node.outputs.slice(1).some((name) => name !== '')) throw unsupported(node, 'one output', 'mean or deviation too');
  const first = axisFromFront(attributes(node).int('axis', -1), dims.length);
  const axes = Array.from({ length: dims.length - first }, (_, axis) => first + axis);
  const { normalized, inverseDeviation } = normalize(g, inputs[0]!, axes, attributes(node).float('epsilon', 1e-5));
  const scaled = g.node('Mul', [normalized, inputs[1]!]);
  const output = (inputs[2] ?? '') === '' ? scaled : g.node('Add', [scaled, inputs[2]!]);
  return { output, saved: { normalized, inverseDeviation } };
};

/** Normalizes the channels of each group of each image together. */
const GroupNormalization: EmitTrainingForm = (g, node, inputs, dims) =>
  normalizeGroups(g, node, inputs, dims, attributes(node).int('num_groups', 1));

/** Normalizes each channel of each image. */
const InstanceNormalization: EmitTrainingForm = (g, node, inputs, dims) =>
  normalizeGroups(g, node, inputs, dims, dims[1]!);

/**
 * Drops elements with the probability `ratio` and divides the others by 1 - ratio, as `torch.nn.Dropout`; whole rows of
 * the batch where the node is of stochastic depth (`torchvision.ops.stochastic_depth`, mode row).
 */
const Dropout: EmitTrainingForm = (g, node, [x, ratio], dims) => {
  if ((node.outputs[1] ?? '') !== '') throw unsupported(node, 'one output', 'the mask too');
  const share = (ratio ?? '') === '' ? g.scalar(0.5) : ratio!;
  const random = g.random(dropsRows(node) ? dims.map((size, axis) => (axis === 0 ? size : 1)) : dims);
  const kept = g.mask(g.node('GreaterOrEqual', [random, share]));
  // Of a ratio of 1 nothing is kept; it must not become 0 / 0.
  const rest = g.node('Max', [g.node('Sub', [g.scalar(1), share]), g.scalar(Number.EPSILON)]);
  const factor = g.node('Div', [kept, rest]);
  return { output: g.node('Mul', [x!, factor]), saved: { factor } };
};

/** Numbers evenly distributed from `low` to `high`. */
const RandomUniformLike: EmitTrainingForm = (g, node, _, dims) => ({ output: uniform(g, node, dims), saved: {} });

/** Numbers evenly distributed from `low` to `high`. */
const RandomUniform: EmitTrainingForm = (g, node) => ({
  output: uniform(g, node, attributes(node).ints('shape', [])),
  saved: {},
});

function uniform(g: StepBuilder, node: Node, dims: readonly number[]): string {
  const [low, high] = [attributes(node).float('low', 0), attributes(node).float('high', 1)];
  const random = g.random(dims);
  if (low === 0 && high === 1) return random;
  return g.node('Add', [g.node('Mul', [random, g.scalar(high - low)]), g.scalar(low)]);
}

/** 1 with the probability that the input says, else 0. */
const Bernoulli: EmitTrainingForm = (g, node, [probability], dims) => {
  const output = g.node('Less', [g.random(dims), probability!]);
  return { output: g.node('Cast', [output], { to: attributes(node).int('dtype', 1) }), saved: {} };
};

function normalizeGroups(
  g: StepBuilder,
  node: Node,
  [x, scale, bias]: readonly string[],
  dims: readonly number[],
  groups: number,
): TrainingForm {
  const channels = dims[1]!;
  const grouped = g.reshape(x!, [dims[0]!, groups, elementCount(dims) / dims[0]! / groups]);
  const inner = normalize(g, grouped, [2], attributes(node).float('epsilon', 1e-5));
  const normalized = g.reshape(inner.normalized, dims);
  const wide = [channels, ...dims.slice(2).map(() => 1)];
  // Up to operator set 20 GroupNormalization had one scale per group.
  const perGroup = node.opType === 'GroupNormalization' && g.opset < 21;
  const each = (vector: string): string =>
    g.reshape(perGroup ? g.repeatEach(vector, groups, channels / groups) : vector, wide);
  const output = g.node('Add', [g.node('Mul', [normalized, each(scale!)]), each(bias!)]);
  return { output, saved: { normalized, inverseDeviation: inner.inverseDeviation } };
}

function normalize(
  g: StepBuilder,
  x: string,
  axes: readonly number[],
  epsilon: number,
): { normalized: string; inverseDeviation: string } {
  const mean = (value: string): string => g.node('ReduceMean', [value], { axes, keepdims: 1 });
  const centered = g.node('Sub', [x, mean(x)]);
  const variance = mean(g.node('Mul', [centered, centered]));
  const deviation = g.node('Sqrt', [g.node('Add', [variance, g.scalar(epsilon)])]);
  const inverseDeviation = g.node('Reciprocal', [deviation]);
  return { normalized: g.node('Mul', [centered, inverseDeviation]), inverseDeviation };
}

/** The training form of the operators that have one, by operator name. */
export const trainingForms: Readonly<Record<string, EmitTrainingForm>> = {
  BatchNormalization,
  Bernoulli,
  Dropout,
  RandomUniform,
  RandomUniformLike,
  LayerNormalization,
  GroupNormalization,
  InstanceNormalization,
};
