// Arithmetic of two or more tensors that broadcast: what was broadcast gets the sum over the axes along which it was.
import type { Gradient, GradientContext } from './gradient.js';

/** Both addends get dY. */
export const Add: Gradient = (context) => context.inputs.map((_, index) => reduced(context, index, context.dY));

/** All addends get dY. */
export const Sum: Gradient = (context) => Add(context);

/** All get an equal share of dY. */
export const Mean: Gradient = (context) => {
  const share = context.g.node('Mul', [context.dY, context.g.scalar(1 / context.inputs.length)]);
  return Add({ ...context, dY: share });
};

/** dA = dY, dB = -dY. */
export const Sub: Gradient = (context) => [
  reduced(context, 0, context.dY),
  context.needed[1] ? context.g.node('Neg', [reduced(context, 1, context.dY)!]) : undefined,
];

/** dA = dY B, dB = dY A. */
export const Mul: Gradient = (context) => {
  const { g, inputs, dY } = context;
  return [0, 1].map((index) =>
    context.needed[index] ? reduced(context, index, g.node('Mul', [dY, inputs[1 - index]!])) : undefined,
  );
};

/** dA = dY / B, dB = -dY Y / B. */
export const Div: Gradient = (context) => {
  const { g, inputs, needed, output, dY } = context;
  const share = g.node('Div', [dY, inputs[1]!]);
  return [
    reduced(context, 0, share),
    needed[1] ? g.node('Neg', [reduced(context, 1, g.node('Mul', [share, output]))!]) : undefined,
  ];
};

/**
 * dX = dY e X^(e - 1), de = dY Y ln X. As in PyTorch, an exponent of 0 gives dX = 0 and a base of 0 gives de = 0 for
 * exponents above 0.
 */
export const Pow: Gradient = (context) => {
  const { g, inputs, inputTypes, needed, output, dY } = context;
  const x = inputs[0]!;
  const exponent = inputTypes[1] === 'float32' ? inputs[1]! : g.node('Cast', [inputs[1]!], { to: 1 });
  const zero = (value: string): string => g.mask(g.node('Equal', [value, g.scalar(0)]));
  const dX = () => {
    const constant = context.constant(1);
    if (constant?.data.length === 1 && Number(constant.data[0]) === 2) {
      return g.node('Mul', [dY, g.node('Mul', [x, g.scalar(2)])]);
    }
    // Where the exponent is 0 it is lifted to 1: X^0 times 0 is 0 even where X is 0.
    const lower = g.node('Sub', [g.node('Add', [exponent, zero(exponent)]), g.scalar(1)]);
    return g.node('Mul', [dY, g.node('Mul', [exponent, g.node('Pow', [x, lower])])]);
  };
  const dE = () => {
    const logarithm = g.node('Log', [g.node('Add', [x, zero(x)])]);
    return g.node('Mul', [dY, g.node('Mul', [output, logarithm])]);
  };
  return [needed[0] ? reduced(context, 0, dX()) : undefined, needed[1] ? reduced(context, 1, dE()) : undefined];
};

/** dY goes to the largest; equal ones share it evenly. */
export const Max: Gradient = (context) => {
  const { g, inputs, output, dY } = context;
  const masks = inputs.map((name) => g.mask(g.node('Equal', [name, output])));
  const share = g.node('Div', [dY, masks.length === 1 ? masks[0]! : g.node('Sum', masks)]);
  return masks.map((mask, index) =>
    context.needed[index] ? reduced(context, index, g.node('Mul', [mask, share])) : undefined,
  );
};

/** dY goes to the smallest; equal ones share it evenly. */
export const Min: Gradient = (context) => Max(context);

/** dY goes to the input that was chosen. */
export const Where: Gradient = (context) => {
  const { g, inputs, needed, dY } = context;
  const chosen = g.mask(inputs[0]!);
  return [
    undefined,
    needed[1] ? reduced(context, 1, g.node('Mul', [dY, chosen])) : undefined,
    needed[2] ? reduced(context, 2, g.node('Mul', [dY, g.node('Sub', [g.scalar(1), chosen])])) : undefined,
  ];
};

/** `value` of the output's shape, summed to the shape of input `index`. */
function reduced({ g, needed, outputDims, inputDims }: GradientContext, index: number, value: string) {
  return needed[index] ? g.reduceTo(value, outputDims, inputDims[index]!) : undefined;
}
