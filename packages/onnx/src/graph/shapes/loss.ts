import type { ShapeRule } from './shape-rule.js';

export const NegativeLogLikelihoodLoss: ShapeRule = (context) => [
  { dims: context.attributes.string('reduction', 'mean') === 'none' ? context.dims(1) : [] },
];

export const SoftmaxCrossEntropyLoss: ShapeRule = (context) => [
  { dims: context.attributes.string('reduction', 'mean') === 'none' ? context.dims(1) : [] },
  { dims: context.dims(0) },
];
