// Normalization by mean and variance, by norms, and by neighbours.
import { elementCount } from '@percept/core';
import type { ElementType } from '../element-type.js';
import { broadcastPositions, normalizeAxis, splitAt } from '../indexing.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { rowsAlong } from '../rows.js';
import { groupStatistics, standardized } from '../statistics.js';
import { asTensor, fromNumbers, numbers, type TensorValue, type Value } from '../value.js';

export const BatchNormalization: Kernel = ([input, scale, bias, mean, variance], context) => {
  const x = asTensor(input);
  const values = numbers(x);
  // Until version 8 statistics could be kept for every element of a sample.
  const perElement = context.opset < 9 && context.int('spatial', 1) === 0;
  const kept = x.dims.map((size, axis) => (axis === 1 || (perElement && axis > 1) ? size : 1));
  const epsilon = context.float('epsilon', 1e-5);
  const momentum = context.float('momentum', 0.9);
  const given = { means: numbers(asTensor(mean)), variances: numbers(asTensor(variance)) };
  const training =
    context.opset >= 14 ? context.int('training_mode', 0) === 1 : [1, 2, 3, 4].some((at) => context.wants(at));
  const statistics = training
    ? groupStatistics(values, x.dims, kept)
    : { ...given, groupOf: broadcastPositions(kept, x.dims) };
  const [factors, addends] = [numbers(asTensor(scale)), numbers(asTensor(bias))];
  const y = standardized(values, statistics, epsilon).map((value, at) => {
    const group = statistics.groupOf[at]!;
    return value * factors[group]! + addends[group]!;
  });
  const output = fromNumbers(x.type, x.dims, y);
  if (!training) return [output];
  const running = (before: Float64Array, now: Float64Array) =>
    before.map((value, at) => value * momentum + now[at]! * (1 - momentum));
  const { type, dims } = asTensor(mean);
  return [
    output,
    fromNumbers(type, dims, running(given.means, statistics.means)),
    fromNumbers(type, dims, running(given.variances, statistics.variances)),
    fromNumbers(type, dims, statistics.means),
    fromNumbers(type, dims, statistics.variances),
  ];
};

export const InstanceNormalization: Kernel = ([input, scale, bias], context) => {
  const x = asTensor(input);
  const kept = x.dims.map((size, axis) => (axis < 2 ? size : 1));
  const normalized = normalize(x, x.dims, kept, context);
  return [scaleAndShift(normalized, perChannel(asTensor(scale), x.dims), perChannel(asTensor(bias), x.dims))];
};

export const GroupNormalization: Kernel = ([input, scale, bias], context) => {
  const x = asTensor(input);
  const [images, channels] = x.dims as [number, number];
  const groups = context.int('num_groups');
  if (groups === undefined || channels % groups !== 0) {
    throw malformed(`Expected num_groups that divides ${channels} channels but received ${groups}`);
  }
  const grouped = [images, groups, elementCount(x.dims) / (images * groups)];
  const normalized = normalize(x, grouped, [images, groups, 1], context);
  // Until version 20 scale and bias had an entry for each group.
  const each = (value: Value | undefined): TensorValue => {
    const tensor = asTensor(value);
    if (context.opset >= 21) return perChannel(tensor, x.dims);
    const entries = numbers(tensor);
    const size = channels / groups;
    const repeated = Float64Array.from({ length: channels }, (_, channel) => entries[Math.floor(channel / size)]!);
    return perChannel(fromNumbers(tensor.type, [channels], repeated), x.dims);
  };
  return [scaleAndShift(normalized, each(scale), each(bias))];
};

export const LayerNormalization: Kernel = ([input, scale, bias], context) => {
  const x = asTensor(input);
  const axis = normalizeAxis(context.int('axis', -1), x.dims.length);
  const kept = x.dims.map((size, at) => (at < axis ? size : 1));
  const statistics = groupStatistics(numbers(x), x.dims, kept);
  const epsilon = context.float('epsilon', 1e-5);
  const normalized = fromNumbers(x.type, x.dims, standardized(numbers(x), statistics, epsilon));
  const stash = stashType(context);
  const deviations = statistics.variances.map((variance) => 1 / Math.sqrt(variance + epsilon));
  return [
    scaleAndShift(normalized, asTensor(scale), bias === undefined ? undefined : asTensor(bias)),
    context.wants(1) ? fromNumbers(stash, kept, statistics.means) : undefined,
    context.wants(2) ? fromNumbers(stash, kept, deviations) : undefined,
  ];
};

/** Zhang and Sennrich, "Root Mean Square Layer Normalization" (arXiv:1910.07467). */
export const RMSNormalization: Kernel = ([input, scale], context) => {
  const x = asTensor(input);
  const axis = normalizeAxis(context.int('axis', -1), x.dims.length);
  const values = numbers(x);
  const kept = x.dims.map((size, at) => (at < axis ? size : 1));
  const groupOf = broadcastPositions(kept, x.dims);
  const size = elementCount(x.dims.slice(axis));
  const squares = new Float64Array(elementCount(kept));
  for (let at = 0; at < values.length; at++) squares[groupOf[at]!]! += values[at]! ** 2 / size;
  const epsilon = context.float('epsilon', 1e-5);
  const normalized = values.map((value, at) => value / Math.sqrt(squares[groupOf[at]!]! + epsilon));
  return [scaleAndShift(fromNumbers(x.type, x.dims, normalized), asTensor(scale), undefined, asTensor(scale).type)];
};

export const MeanVarianceNormalization: Kernel = ([input], context) => {
  const x = asTensor(input);
  const axes = context.ints('axes', [0, 2, 3]).map((axis) => normalizeAxis(axis, x.dims.length));
  const kept = x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const values = numbers(x);
  const { means, variances, groupOf } = groupStatistics(values, x.dims, kept);
  // The definition of the operator adds this to the deviation, not to the variance.
  const epsilon = 1e-9;
  const y = values.map((value, at) => (value - means[groupOf[at]!]!) / (Math.sqrt(variances[groupOf[at]!]!) + epsilon));
  return [fromNumbers(x.type, x.dims, y)];
};

export const LpNormalization: Kernel = ([input], context) => {
  const x = asTensor(input);
  const p = context.int('p', 2);
  const axis = splitAt(x.dims, normalizeAxis(context.int('axis', -1), x.dims.length));
  const values = numbers(x);
  const out = new Float64Array(values.length);
  for (const { first, step, size } of rowsAlong(axis)) {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += Math.abs(values[first + k * step]!) ** p;
    const norm = sum ** (1 / p);
    for (let k = 0; k < size; k++) out[first + k * step] = norm === 0 ? 0 : values[first + k * step]! / norm;
  }
  return [fromNumbers(x.type, x.dims, out)];
};

/** Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (NIPS 2012), section 3.3. */
export const LRN: Kernel = ([input], context) => {
  const x = asTensor(input);
  const size = context.int('size', 1);
  const [alpha, beta, bias] = [context.float('alpha', 1e-4), context.float('beta', 0.75), context.float('bias', 1)];
  const { size: channels, inner } = splitAt(x.dims, 1);
  const values = numbers(x);
  const y = values.map((value, at) => {
    const channel = Math.floor(at / inner) % channels;
    const first = Math.max(0, channel - Math.floor((size - 1) / 2));
    const last = Math.min(channels - 1, channel + Math.ceil((size - 1) / 2));
    let squares = 0;
    for (let other = first; other <= last; other++) squares += values[at + (other - channel) * inner]! ** 2;
    return value / (bias + (alpha / size) * squares) ** beta;
  });
  return [fromNumbers(x.type, x.dims, y)];
};

/** Standardizes a tensor, seen as of shape `dims`, in the groups of shape `kept`. */
function normalize(
  x: TensorValue,
  dims: readonly number[],
  kept: readonly number[],
  context: KernelContext,
): TensorValue {
  const values = numbers(x);
  const statistics = groupStatistics(values, dims, kept);
  return fromNumbers(x.type, x.dims, standardized(values, statistics, context.float('epsilon', 1e-5)));
}

/** A vector of channels as a tensor that broadcasts to `dims` along axis 1. */
function perChannel(vector: TensorValue, dims: readonly number[]): TensorValue {
  return { ...vector, dims: [dims[1]!, ...dims.slice(2).map(() => 1)] };
}

function scaleAndShift(
  x: TensorValue,
  scale: TensorValue,
  bias: TensorValue | undefined,
  type: ElementType = x.type,
): TensorValue {
  const [factors, addends] = [numbers(scale), bias === undefined ? undefined : numbers(bias)];
  const factorOf = broadcastPositions(scale.dims, x.dims);
  const addendOf = bias === undefined ? undefined : broadcastPositions(bias.dims, x.dims);
  const y = numbers(x).map(
    (value, at) => value * factors[factorOf[at]!]! + (addends === undefined ? 0 : addends[addendOf![at]!]!),
  );
  return fromNumbers(type, x.dims, y);
}

/** Type of the statistics that LayerNormalization gives out. */
function stashType(context: KernelContext): ElementType {
  return context.elementType(context.int('stash_type', 1));
}
