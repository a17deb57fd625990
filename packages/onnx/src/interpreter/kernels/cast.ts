// Conversion between element types.
import { castTensor } from '../cast.js';
import { isComplex } from '../element-type.js';
import { unsupported } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { reinterpreted } from '../reinterpret.js';
import { asTensor } from '../value.js';

function rounding(context: KernelContext) {
  return { saturate: context.int('saturate', 1) === 1, roundMode: context.string('round_mode', 'up') };
}

export const Cast: Kernel = ([input], context) => [
  castTensor(asTensor(input), context.elementType(context.int('to', 1)), rounding(context)),
];

export const CastLike: Kernel = ([input, target], context) => [
  castTensor(asTensor(input), asTensor(target).type, rounding(context)),
];

/** The same bits under another type of the same width. In float64 precision the promoted types have other bits. */
export const BitCast: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const type = context.elementType(context.int('to', 1));
  if (context.precision === 'float64' || isComplex(type) !== isComplex(tensor.type)) {
    throw unsupported(
      `Expected to reinterpret bits in the model's own precision, real as real, but received ${tensor.type} as ${type}`,
    );
  }
  return [reinterpreted(tensor, type)];
};
