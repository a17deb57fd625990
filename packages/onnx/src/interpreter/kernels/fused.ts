// Operators of the domain `com.microsoft` that fuse several standard ones: what onnxruntime's optimizer writes.
import { erf } from '../erf.js';
import { broadcastPositions } from '../indexing.js';
import { unsupported } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { multiply, transposedMatrices } from '../matrix-product.js';
import { groupStatistics, standardized } from '../statistics.js';
import { asTensor, fromNumbers, numbers, type TensorValue, type Value } from '../value.js';
import { Conv } from './convolution.js';
import { Gemm as StandardGemm } from './linear-algebra.js';

const gaussian = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));
const tanhGaussian = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** A function of the sum of the input and a bias that may be left out. */
function biased(compute: (x: number, context: KernelContext) => number): Kernel {
  return ([input, bias], context) => {
    const x = added(asTensor(input), bias);
    return [
      fromNumbers(
        x.type,
        x.dims,
        numbers(x).map((value) => compute(value, context)),
      ),
    ];
  };
}

function added(x: TensorValue, other: Value | undefined): TensorValue {
  if (other === undefined) return x;
  const addend = asTensor(other);
  const [values, positions] = [numbers(addend), broadcastPositions(addend.dims, x.dims)];
  return fromNumbers(
    x.type,
    x.dims,
    numbers(x).map((value, at) => value + values[positions[at]!]!),
  );
}

export const Gelu: Kernel = biased(gaussian);

export const BiasGelu: Kernel = biased(gaussian);

export const FastGelu: Kernel = biased(tanhGaussian);

export const QuickGelu: Kernel = biased((x, context) => x / (1 + Math.exp(-context.float('alpha', 1.702) * x)));

/** `Conv`, the addition of a fourth input, and an activation function. */
export const FusedConv: Kernel = ([x, w, bias, addend], context) => {
  const sum = added(asTensor(Conv([x, w, bias], context)[0]), addend);
  return [activated(sum, context.string('activation', ''), context.floats('activation_params') ?? [])];
};

export const FusedGemm: Kernel = (inputs, context) => {
  const parameters = ['activation_alpha', 'activation_beta']
    .map((name) => context.float(name))
    .filter((value) => value !== undefined);
  return [activated(asTensor(StandardGemm(inputs, context)[0]), context.string('activation', ''), parameters)];
};

function activated(x: TensorValue, name: string, parameters: readonly number[]): TensorValue {
  const [first, second] = parameters;
  const functions: Readonly<Record<string, (value: number) => number>> = {
    '': (value) => value,
    Relu: (value) => Math.max(value, 0),
    Tanh: Math.tanh,
    Sigmoid: (value) => 1 / (1 + Math.exp(-value)),
    LeakyRelu: (value) => (value < 0 ? (first ?? 0.01) * value : value),
    Clip: (value) => Math.min(Math.max(value, first ?? Number.NEGATIVE_INFINITY), second ?? Number.POSITIVE_INFINITY),
    HardSigmoid: (value) => Math.max(0, Math.min(1, (first ?? 0.2) * value + (second ?? 0.5))),
  };
  const compute = functions[name];
  if (compute === undefined) throw unsupported(`Expected a known activation but received ${name}`);
  return fromNumbers(x.type, x.dims, numbers(x).map(compute));
}

export const FusedMatMul: Kernel = ([first, second], context) => {
  if (context.int('transBatchA', 0) !== 0 || context.int('transBatchB', 0) !== 0) {
    throw unsupported('Expected FusedMatMul without transBatchA and transBatchB');
  }
  const a = context.int('transA', 0) === 0 ? asTensor(first) : transposedMatrices(asTensor(first));
  const b = context.int('transB', 0) === 0 ? asTensor(second) : transposedMatrices(asTensor(second));
  const alpha = context.float('alpha', 1);
  const { dims, values } = multiply(numbers(a), a.dims, numbers(b), b.dims);
  return [
    fromNumbers(
      a.type,
      dims,
      values.map((value) => alpha * value),
    ),
  ];
};

/** Layer normalization of the sum of two inputs and a bias, with that sum as the fourth output. */
export const SkipLayerNormalization: Kernel = ([input, skip, scale, shift, bias], context) => {
  const x = added(added(asTensor(input), skip), bias);
  const kept = x.dims.map((size, axis) => (axis === x.dims.length - 1 ? 1 : size));
  const normalized = standardized(
    numbers(x),
    groupStatistics(numbers(x), x.dims, kept),
    context.float('epsilon', 1e-12),
  );
  const width = x.dims[x.dims.length - 1]!;
  const [factors, addends] = [numbers(asTensor(scale)), shift === undefined ? undefined : numbers(asTensor(shift))];
  const y = normalized.map((value, at) => value * factors[at % width]! + (addends?.[at % width] ?? 0));
  return [fromNumbers(x.type, x.dims, y), undefined, undefined, context.wants(3) ? x : undefined];
};
