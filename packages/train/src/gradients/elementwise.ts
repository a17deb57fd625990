// Functions of one tensor, element by element. Conditions become factors of 0 and 1: Cast and Mul are several times
// faster than Where or Sign on onnxruntime's CPU provider, and its WebGPU provider has neither for all types.
import { attributes } from '@percept/onnx/graph';
import { signOf } from '../sign-of.js';
import type { StepBuilder } from '../step-builder.js';
import type { Gradient } from './gradient.js';

/** dX = dY where the output is positive; 0 at 0, as PyTorch. */
export const Relu: Gradient = ({ g, output, dY }) => [g.node('Mul', [dY, above(g, output, 0)])];

/** dX = dY. */
export const Identity: Gradient = ({ dY }) => [dY];

/** dX = dY times what the training form multiplied by; dY where nothing is dropped. */
export const Dropout: Gradient = ({ g, dY, saved: { factor } }) => [
  factor === undefined ? dY : g.node('Mul', [dY, factor]),
];

/** dX = dY, in the type of X. */
export const Cast: Gradient = ({ g, inputTypes, dY }) => [
  g.node('Cast', [dY], { to: { float32: 1, float16: 10, float64: 11, bfloat16: 16 }[inputTypes[0] as string] ?? 1 }),
];

/** dX = dY, in the type of X. */
export const CastLike: Gradient = (context) => Cast(context);

/** dX = -dY. */
export const Neg: Gradient = ({ g, dY }) => [g.node('Neg', [dY])];

/** dX = dY Y. */
export const Exp: Gradient = ({ g, output, dY }) => [g.node('Mul', [dY, output])];

/** dX = dY / X. */
export const Log: Gradient = ({ g, inputs, dY }) => [g.node('Div', [dY, inputs[0]!])];

/** dX = dY / (2 Y). */
export const Sqrt: Gradient = ({ g, output, dY }) => [g.node('Div', [dY, g.node('Mul', [output, g.scalar(2)])])];

/** dX = -dY Y². */
export const Reciprocal: Gradient = ({ g, output, dY }) => [
  g.node('Neg', [g.node('Mul', [dY, g.node('Mul', [output, output])])]),
];

/** dX = dY sign(X); 0 at 0. */
export const Abs: Gradient = ({ g, inputs, dY }) => [g.node('Mul', [dY, signOf(g, inputs[0]!)])];

/** dX = dY where X is left as it is, its bounds included. The bounds get none. */
export const Clip: Gradient = ({ g, inputs, output, dY }) => [
  g.node('Mul', [dY, g.mask(g.node('Equal', [inputs[0]!, output]))]),
];

/** dX = dY (1 - Y²). */
export const Tanh: Gradient = ({ g, output, dY }) => [
  g.node('Mul', [dY, oneMinus(g, g.node('Mul', [output, output]))]),
];

/** dX = dY Y (1 - Y). */
export const Sigmoid: Gradient = ({ g, output, dY }) => [
  g.node('Mul', [dY, g.node('Mul', [output, oneMinus(g, output)])]),
];

/** dX = alpha dY where the output is between 0 and 1. */
export const HardSigmoid: Gradient = ({ g, node, output, dY }) => {
  const slope = g.node('Mul', [above(g, output, 0), g.scalar(attributes(node).float('alpha', 0.2))]);
  return [g.node('Mul', [dY, g.node('Mul', [slope, below(g, output, 1)])])];
};

/** dX = dY times 0 up to -3, X / 3 + 1 / 2 up to 3, 1 beyond. */
export const HardSwish: Gradient = ({ g, inputs, dY }) => {
  const [x] = inputs as [string];
  const line = g.node('Add', [g.node('Mul', [x, g.scalar(1 / 3)]), g.scalar(0.5)]);
  const right = above(g, x, 3);
  const inside = g.node('Sub', [above(g, x, -3), right]);
  return [g.node('Mul', [dY, g.node('Add', [g.node('Mul', [line, inside]), right])])];
};

/** dX = dY where X is positive, alpha dY elsewhere. */
export const LeakyRelu: Gradient = ({ g, node, inputs, dY }) => {
  const slope = g.scalar(attributes(node).float('alpha', 0.01));
  return [g.node('Mul', [dY, slopes(g, above(g, inputs[0]!, 0), slope)])];
};

/** dX = dY where X is positive, slope dY elsewhere; dslope = dY min(X, 0), summed to the shape of the slope. */
export const PRelu: Gradient = ({ g, inputs, inputDims, outputDims, needed, dY }) => {
  const [x, slope] = inputs as [string, string];
  const negative = () => g.node('Mul', [dY, g.node('Min', [x, g.scalar(0)])]);
  return [
    needed[0] ? g.node('Mul', [dY, slopes(g, above(g, x, 0), slope)]) : undefined,
    needed[1] ? g.reduceTo(negative(), outputDims, inputDims[1]!) : undefined,
  ];
};

/** dX = dY where X is positive, dY (Y + alpha) elsewhere. */
export const Elu: Gradient = ({ g, node, inputs, output, dY }) => {
  const curve = g.node('Add', [output, g.scalar(attributes(node).float('alpha', 1))]);
  return [g.node('Mul', [dY, slopes(g, above(g, inputs[0]!, 0), curve)])];
};

/** dX = dY 2 / sqrt(pi) exp(-X²). */
export const Erf: Gradient = ({ g, inputs, dY }) => {
  const [x] = inputs as [string];
  const bell = g.node('Exp', [g.node('Neg', [g.node('Mul', [x, x])])]);
  return [g.node('Mul', [dY, g.node('Mul', [bell, g.scalar(2 / Math.sqrt(Math.PI))])])];
};

/** The derivative of X Phi(X), or of its approximation by tanh (Hendrycks and Gimpel 2016). */
export const Gelu: Gradient = ({ g, node, inputs, dY }) => {
  const [x] = inputs as [string];
  const derivative = attributes(node).string('approximate', 'none') === 'tanh' ? tanhGelu(g, x) : exactGelu(g, x);
  return [g.node('Mul', [dY, derivative])];
};

/** Phi(x) + x phi(x). */
function exactGelu(g: StepBuilder, x: string): string {
  const error = g.node('Erf', [g.node('Mul', [x, g.scalar(Math.SQRT1_2)])]);
  const phi = g.node('Mul', [g.node('Add', [error, g.scalar(1)]), g.scalar(0.5)]);
  const bell = g.node('Exp', [g.node('Mul', [g.node('Mul', [x, x]), g.scalar(-0.5)])]);
  const density = g.node('Mul', [bell, g.scalar(1 / Math.sqrt(2 * Math.PI))]);
  return g.node('Add', [phi, g.node('Mul', [x, density])]);
}

/** With t = tanh(u) and u = c (x + 0.044715 x³): (1 + t) / 2 + x (1 - t²) u' / 2. */
function tanhGelu(g: StepBuilder, x: string): string {
  const c = Math.sqrt(2 / Math.PI);
  const square = g.node('Mul', [x, x]);
  const factor = g.node('Add', [g.node('Mul', [square, g.scalar(0.044715 * c)]), g.scalar(c)]);
  const t = g.node('Tanh', [g.node('Mul', [x, factor])]);
  const slope = g.node('Add', [g.node('Mul', [square, g.scalar(3 * 0.044715 * c)]), g.scalar(c)]);
  const bend = g.node('Mul', [g.node('Mul', [x, oneMinus(g, g.node('Mul', [t, t]))]), slope]);
  return g.node('Mul', [g.node('Add', [g.node('Add', [t, g.scalar(1)]), bend]), g.scalar(0.5)]);
}

function above(g: StepBuilder, value: string, bound: number): string {
  return g.mask(g.node('Greater', [value, g.scalar(bound)]));
}

function below(g: StepBuilder, value: string, bound: number): string {
  return g.mask(g.node('Less', [value, g.scalar(bound)]));
}

function oneMinus(g: StepBuilder, value: string): string {
  return g.node('Sub', [g.scalar(1), value]);
}

/** 1 where `mask` is 1, `other` where it is 0. */
function slopes(g: StepBuilder, mask: string, other: string): string {
  return g.node('Add', [mask, g.node('Mul', [oneMinus(g, mask), other])]);
}
