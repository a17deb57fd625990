// More functions of one tensor, element by element: smooth and piecewise activations, trigonometry.
import { attributes } from '@percept/onnx/graph';
import type { StepBuilder } from '../step-builder.js';
import type { Gradient } from './gradient.js';

const times = (g: StepBuilder, a: string, b: string): string => g.node('Mul', [a, b]);
const square = (g: StepBuilder, x: string): string => g.node('Mul', [x, x]);
const oneMinus = (g: StepBuilder, x: string): string => g.node('Sub', [g.scalar(1), x]);
const positive = (g: StepBuilder, x: string): string => g.mask(g.node('Greater', [x, g.scalar(0)]));

/** dX = dY sigmoid(X). */
export const Softplus: Gradient = ({ g, inputs, dY }) => [times(g, dY, g.node('Sigmoid', [inputs[0]!]))];

/** dX = dY (1 - |Y|)², since 1 / (1 + |X|) = 1 - |Y|. */
export const Softsign: Gradient = ({ g, output, dY }) => [
  times(g, dY, square(g, oneMinus(g, g.node('Abs', [output])))),
];

/** With t = tanh(softplus(X)): dX = dY (t + X (1 - t²) sigmoid(X)). Misra 2019, arXiv:1908.08681. */
export const Mish: Gradient = ({ g, inputs, dY }) => {
  const [x] = inputs as [string];
  const t = g.node('Tanh', [g.node('Softplus', [x])]);
  const bend = times(g, times(g, x, oneMinus(g, square(g, t))), g.node('Sigmoid', [x]));
  return [times(g, dY, g.node('Add', [t, bend]))];
};

/** dX = gamma dY where X is positive, dY (Y + gamma alpha) elsewhere. Klambauer et al. 2017. */
export const Selu: Gradient = ({ g, node, inputs, output, dY }) => {
  const alpha = attributes(node).float('alpha', 1.6732632423543772);
  const gamma = attributes(node).float('gamma', 1.0507009873554805);
  return [times(g, dY, either(g, inputs[0]!, gamma, g.node('Add', [output, g.scalar(gamma * alpha)])))];
};

/** dX = dY where X is positive, dY (Y / alpha + 1) elsewhere. Barron 2017, arXiv:1704.07483. */
export const Celu: Gradient = ({ g, node, inputs, output, dY }) => {
  const scaled = times(g, output, g.scalar(1 / attributes(node).float('alpha', 1)));
  return [times(g, dY, either(g, inputs[0]!, 1, g.node('Add', [scaled, g.scalar(1)])))];
};

/** `right` where x is positive, `left` elsewhere. */
function either(g: StepBuilder, x: string, right: number, left: string): string {
  const mask = positive(g, x);
  return g.node('Add', [times(g, mask, g.scalar(right)), times(g, oneMinus(g, mask), left)]);
}

/** dX = dY where X is above alpha. */
export const ThresholdedRelu: Gradient = ({ g, node, inputs, dY }) => {
  const bound = g.scalar(attributes(node).float('alpha', 1));
  return [times(g, dY, g.mask(g.node('Greater', [inputs[0]!, bound])))];
};

/** dX = dY where |X| is above lambd. */
export const Shrink: Gradient = ({ g, node, inputs, dY }) => {
  const bound = g.scalar(attributes(node).float('lambd', 0.5));
  return [times(g, dY, g.mask(g.node('Greater', [g.node('Abs', [inputs[0]!]), bound])))];
};

/** dX = dY cos(X). */
export const Sin: Gradient = ({ g, inputs, dY }) => [times(g, dY, g.node('Cos', [inputs[0]!]))];

/** dX = -dY sin(X). */
export const Cos: Gradient = ({ g, inputs, dY }) => [g.node('Neg', [times(g, dY, g.node('Sin', [inputs[0]!]))])];

/** dX = dY (1 + Y²). */
export const Tan: Gradient = ({ g, output, dY }) => [times(g, dY, g.node('Add', [square(g, output), g.scalar(1)]))];

/** dX = dY cosh(X). */
export const Sinh: Gradient = ({ g, inputs, dY }) => [times(g, dY, g.node('Cosh', [inputs[0]!]))];

/** dX = dY sinh(X). */
export const Cosh: Gradient = ({ g, inputs, dY }) => [times(g, dY, g.node('Sinh', [inputs[0]!]))];

/** dX = dY / sqrt(1 - X²). */
export const Asin: Gradient = ({ g, inputs, dY }) => [
  g.node('Div', [dY, g.node('Sqrt', [oneMinus(g, square(g, inputs[0]!))])]),
];

/** dX = -dY / sqrt(1 - X²). */
export const Acos: Gradient = (context) => [context.g.node('Neg', [Asin(context)[0]!])];

/** dX = dY / (1 + X²). */
export const Atan: Gradient = ({ g, inputs, dY }) => [
  g.node('Div', [dY, g.node('Add', [square(g, inputs[0]!), g.scalar(1)])]),
];

/** dX = dY / sqrt(X² + 1). */
export const Asinh: Gradient = ({ g, inputs, dY }) => [
  g.node('Div', [dY, g.node('Sqrt', [g.node('Add', [square(g, inputs[0]!), g.scalar(1)])])]),
];

/** dX = dY / sqrt(X² - 1). */
export const Acosh: Gradient = ({ g, inputs, dY }) => [
  g.node('Div', [dY, g.node('Sqrt', [g.node('Sub', [square(g, inputs[0]!), g.scalar(1)])])]),
];

/** dX = dY / (1 - X²). */
export const Atanh: Gradient = ({ g, inputs, dY }) => [g.node('Div', [dY, oneMinus(g, square(g, inputs[0]!))])];
