import type { Gradient } from './gradient.js';

/** dX is dY in the shape of X. */
export const Reshape: Gradient = ({ g, dY, inputDims }) => [g.reshape(dY, inputDims[0]!)];

/** dX is dY in the shape of X. */
export const Flatten: Gradient = (context) => Reshape(context);
