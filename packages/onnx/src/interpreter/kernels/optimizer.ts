// Steps of optimizers (domain ai.onnx.preview.training): each for several tensors at once.
import { malformed } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { asTensor, fromNumbers, numbers, scalar, type TensorValue, type Value } from '../value.js';

/** New values of one element from its old ones, in the order of the inputs: value, gradient, then the states. */
type Update = (old: readonly number[]) => readonly number[];

/**
 * Inputs are the learning rate, the update count, then all values, all gradients, all first states, …; outputs are all
 * values, all first states, …
 */
function optimized(inputs: readonly (Value | undefined)[], groups: number, update: Update): TensorValue[] {
  const tensors = inputs.slice(2).map((input) => asTensor(input));
  const count = tensors.length / groups;
  if (!Number.isInteger(count))
    throw malformed(`Expected ${groups} inputs per optimized tensor but received ${tensors.length}`);
  const results: TensorValue[] = [];
  for (let which = 0; which < count; which++) {
    const own = Array.from({ length: groups }, (_, group) => tensors[group * count + which]!);
    const old = own.map(numbers);
    const fresh = Array.from({ length: groups - 1 }, () => new Float64Array(old[0]!.length));
    for (let at = 0; at < old[0]!.length; at++) {
      const values = update(old.map((values) => values[at]!));
      for (const [group, array] of fresh.entries()) array[at] = values[group]!;
    }
    for (const [group, array] of fresh.entries()) {
      results[group * count + which] = fromNumbers(own[0]!.type, own[0]!.dims, array);
    }
  }
  return results;
}

function rateAndCount(inputs: readonly (Value | undefined)[]): readonly [rate: number, count: number] {
  return [scalar(asTensor(inputs[0], 'R')), scalar(asTensor(inputs[1], 'T'))];
}

function regularizer(context: KernelContext): (value: number, gradient: number) => number {
  const coefficient = context.float('norm_coefficient', 0);
  return (value, gradient) => coefficient * value + gradient;
}

/** Duchi et al., "Adaptive Subgradient Methods" (JMLR 2011). */
export const Adagrad: Kernel = (inputs, context) => {
  const [rate, count] = rateAndCount(inputs);
  const regularized = regularizer(context);
  const step = rate / (1 + count * context.float('decay_factor', 0));
  const epsilon = context.float('epsilon', 1e-6);
  return optimized(inputs, 3, ([x, g, h]) => {
    const gradient = regularized(x!, g!);
    const squares = h! + gradient * gradient;
    return [x! - (step * gradient) / (Math.sqrt(squares) + epsilon), squares];
  });
};

/** Kingma and Ba, "Adam: A Method for Stochastic Optimization" (arXiv:1412.6980). */
export const Adam: Kernel = (inputs, context) => {
  const [rate, count] = rateAndCount(inputs);
  const regularized = regularizer(context);
  const [alpha, beta] = [context.float('alpha', 0.9), context.float('beta', 0.999)];
  const epsilon = context.float('epsilon', 1e-6);
  const after = context.float('norm_coefficient_post', 0);
  const step = count > 0 ? (rate * Math.sqrt(1 - beta ** count)) / (1 - alpha ** count) : rate;
  return optimized(inputs, 4, ([x, g, v, h]) => {
    const gradient = regularized(x!, g!);
    const mean = alpha * v! + (1 - alpha) * gradient;
    const squares = beta * h! + (1 - beta) * gradient * gradient;
    const moved = x! - (step * mean) / (Math.sqrt(squares) + epsilon);
    return [(1 - after) * moved, mean, squares];
  });
};

export const Momentum: Kernel = (inputs, context) => {
  const [rate, count] = rateAndCount(inputs);
  const regularized = regularizer(context);
  const alpha = context.float('alpha', 0);
  const beta = count > 0 ? context.float('beta', 0) : 1;
  const nesterov = context.string('mode') === 'nesterov';
  return optimized(inputs, 3, ([x, g, v]) => {
    const gradient = regularized(x!, g!);
    const velocity = alpha * v! + beta * gradient;
    return [x! - rate * (nesterov ? gradient + alpha * velocity : velocity), velocity];
  });
};
