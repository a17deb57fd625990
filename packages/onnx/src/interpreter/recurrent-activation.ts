import { unsupported } from './interpreter-errors.js';
import type { KernelContext } from './kernel.js';

/** An activation function with its coefficients in it. */
export type Activation = (x: number) => number;

interface Definition {
  /** Default coefficients; as many are taken from `activation_alpha` and `activation_beta`. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly make: (alpha: number, beta: number) => Activation;
}

const definitions: Readonly<Record<string, Definition>> = {
  relu: { make: () => (x) => Math.max(0, x) },
  tanh: { make: () => Math.tanh },
  sigmoid: { make: () => (x) => 1 / (1 + Math.exp(-x)) },
  softsign: { make: () => (x) => x / (1 + Math.abs(x)) },
  softplus: { make: () => (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
  affine: { alpha: 1, beta: 0, make: (alpha, beta) => (x) => alpha * x + beta },
  leakyrelu: { alpha: 0.01, make: (alpha) => (x) => (x >= 0 ? x : alpha * x) },
  thresholdedrelu: { alpha: 1, make: (alpha) => (x) => (x >= alpha ? x : 0) },
  scaledtanh: { alpha: 1, beta: 1, make: (alpha, beta) => (x) => alpha * Math.tanh(beta * x) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, make: (alpha, beta) => (x) => Math.min(Math.max(alpha * x + beta, 0), 1) },
  elu: { alpha: 1, make: (alpha) => (x) => (x >= 0 ? x : alpha * Math.expm1(x)) },
};

/**
 * The activation functions of every direction of a recurrent layer. Coefficients are taken in the order of the functions
 * that have any.
 */
export function recurrentActivations(
  defaults: readonly string[],
  directions: number,
  context: KernelContext,
): Activation[][] {
  const names = context.strings('activations') ?? Array.from({ length: directions }, () => defaults).flat();
  const alphas = [...(context.floats('activation_alpha') ?? [])];
  const betas = [...(context.floats('activation_beta') ?? [])];
  const functions = names.map((name) => {
    const definition = definitions[name.toLowerCase()];
    if (definition === undefined) throw unsupported(`Expected a known activation function but received ${name}`);
    const alpha = definition.alpha === undefined ? 0 : (alphas.shift() ?? definition.alpha);
    const beta = definition.beta === undefined ? 0 : (betas.shift() ?? definition.beta);
    return definition.make(alpha, beta);
  });
  return Array.from({ length: directions }, (_, turn) =>
    functions.slice(turn * defaults.length, (turn + 1) * defaults.length),
  );
}
