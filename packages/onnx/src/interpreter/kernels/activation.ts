// Activation functions.
import { integerFormat } from '../element-type.js';
import { erf } from '../erf.js';
import { broadcastPositions } from '../indexing.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { type Axis, rowsAlong, softmaxAxis } from '../rows.js';
import { logSoftmaxAlong, softmaxAlong } from '../softmax.js';
import { asTensor, bigints, fromBigInts, fromNumbers, numbers, reshaped, type TensorValue } from '../value.js';

/** A kernel of one input that computes every element by a function that the attributes shape. */
function activation(make: (context: KernelContext) => (value: number) => number): Kernel {
  return ([input], context) => {
    const x = asTensor(input);
    return [fromNumbers(x.type, x.dims, numbers(x).map(make(context)))];
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** ln(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

export const Relu: Kernel = activation(() => (x) => Math.max(x, 0));

export const LeakyRelu: Kernel = activation((context) => {
  const alpha = context.float('alpha', 0.01);
  return (x) => (x < 0 ? alpha * x : x);
});

/** Before version 7 a list of slopes was one per channel, whatever the rank. */
export const PRelu: Kernel = ([input, slopes], context) => {
  const x = asTensor(input);
  const given = asTensor(slopes);
  const perChannel = context.opset < 7 && given.dims.length === 1 && x.dims.length > 2;
  const slope = perChannel ? reshaped(given, [given.dims[0]!, ...x.dims.slice(2).map(() => 1)]) : given;
  const factors = numbers(slope);
  const factorOf = broadcastPositions(slope.dims, x.dims);
  return [
    fromNumbers(
      x.type,
      x.dims,
      numbers(x).map((value, at) => (value < 0 ? value * factors[factorOf[at]!]! : value)),
    ),
  ];
};

export const Elu: Kernel = activation((context) => {
  const alpha = context.float('alpha', 1);
  return (x) => (x < 0 ? alpha * Math.expm1(x) : x);
});

export const Selu: Kernel = activation((context) => {
  const alpha = context.float('alpha', 1.6732632423543772);
  const gamma = context.float('gamma', 1.0507009873554805);
  return (x) => gamma * (x < 0 ? alpha * Math.expm1(x) : x);
});

export const Celu: Kernel = activation((context) => {
  const alpha = context.float('alpha', 1);
  return (x) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
});

/** Hendrycks and Gimpel, "Gaussian Error Linear Units" (arXiv:1606.08415). */
export const Gelu: Kernel = activation((context) =>
  context.string('approximate', 'none') === 'tanh'
    ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
    : (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
);

export const Mish: Kernel = activation(() => (x) => x * Math.tanh(softplus(x)));

export const HardSigmoid: Kernel = activation((context) => {
  const [alpha, beta] = [context.float('alpha', 0.2), context.float('beta', 0.5)];
  return (x) => Math.max(0, Math.min(1, alpha * x + beta));
});

export const HardSwish: Kernel = activation(() => (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)));

export const Swish: Kernel = activation((context) => {
  const alpha = context.float('alpha', 1);
  return (x) => x * sigmoid(alpha * x);
});

export const SwiGLU: Kernel = ([gate, linear], context) => {
  const [a, b] = [asTensor(gate), numbers(asTensor(linear))];
  const alpha = context.float('alpha', 1);
  return [
    fromNumbers(
      a.type,
      a.dims,
      numbers(a).map((x, at) => x * sigmoid(alpha * x) * b[at]!),
    ),
  ];
};

export const Softplus: Kernel = activation(() => softplus);

export const Softsign: Kernel = activation(() => (x) => x / (1 + Math.abs(x)));

export const Sigmoid: Kernel = activation(() => sigmoid);

export const ThresholdedRelu: Kernel = activation((context) => {
  const alpha = context.float('alpha', 1);
  return (x) => (x > alpha ? x : 0);
});

export const Shrink: Kernel = activation((context) => {
  const [lambda, bias] = [context.float('lambd', 0.5), context.float('bias', 0)];
  return (x) => (x < -lambda ? x + bias : x > lambda ? x - bias : 0);
});

/** Bounds were attributes until version 10, and are inputs since. The upper one wins where they cross. */
export const Clip: Kernel = ([input, low, high], context) => {
  const x = asTensor(input);
  if (integerFormat(x.type) !== undefined) {
    const least = low === undefined ? undefined : bigints(asTensor(low))[0];
    const most = high === undefined ? undefined : bigints(asTensor(high))[0];
    const clipped = bigints(x).map((value) => {
      const raised = least !== undefined && value < least ? least : value;
      return most !== undefined && raised > most ? most : raised;
    });
    return [fromBigInts(x.type, x.dims, clipped)];
  }
  const least = low === undefined ? context.float('min', Number.NEGATIVE_INFINITY) : numbers(asTensor(low))[0]!;
  const most = high === undefined ? context.float('max', Number.POSITIVE_INFINITY) : numbers(asTensor(high))[0]!;
  return [
    fromNumbers(
      x.type,
      x.dims,
      numbers(x).map((value) => Math.min(Math.max(value, least), most)),
    ),
  ];
};

function axisOf(x: TensorValue, context: KernelContext): Axis {
  return softmaxAxis(x.dims, context.int('axis'), context.opset);
}

export const Softmax: Kernel = ([input], context) => {
  const x = asTensor(input);
  return [fromNumbers(x.type, x.dims, softmaxAlong(numbers(x), axisOf(x, context), x.type))];
};

export const LogSoftmax: Kernel = ([input], context) => {
  const x = asTensor(input);
  return [fromNumbers(x.type, x.dims, logSoftmaxAlong(numbers(x), axisOf(x, context)))];
};

export const Hardmax: Kernel = ([input], context) => {
  const x = asTensor(input);
  const axis = axisOf(x, context);
  const values = numbers(x);
  const out = new Float64Array(values.length);
  for (const { first, step, size } of rowsAlong(axis)) {
    if (size === 0) break;
    let best = first;
    for (let k = 1; k < size; k++) if (values[first + k * step]! > values[best]!) best = first + k * step;
    out[best] = 1;
  }
  return [fromNumbers(x.type, x.dims, out)];
};
