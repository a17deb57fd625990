import type { Gradient } from './gradient.js';

/** dX = dY where the output is positive; 0 at 0, as PyTorch. */
export const Relu: Gradient = ({ g, output, dY }) => {
  // Cast and Mul are several times faster than Where or Sign on onnxruntime's CPU provider.
  const mask = g.node('Cast', [g.node('Greater', [output, g.scalar(0)])], { to: 1 });
  return [g.node('Mul', [dY, mask])];
};

/** Both addends get dY, summed over the axes along which they were broadcast. */
export const Add: Gradient = ({ g, dY, inputDims, outputDims, needed }) =>
  inputDims.map((dims, index) => (needed[index] ? g.reduceTo(dY, outputDims, dims) : undefined));

/** dX = dY. */
export const Identity: Gradient = ({ dY }) => [dY];
