import { valueAt } from './dimension-values.js';
import { assign } from './flat-space.js';
import type { Sampler } from './sampler.js';

/** Draws every parameter on its own and evenly over its range (Bergstra and Bengio, JMLR 13, 2012). */
export function randomSampler(): Sampler {
  return {
    description: 'randomSampler()',
    suggest: ({ space, random }) =>
      assign(space, ({ name, dimension }) => valueAt(dimension, random.child(name).float())),
  };
}
