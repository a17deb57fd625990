// Which lowering computes which part of which convolution's gradient. A choice changes the last bits of the result, so that
// choices are an input of a training: what is not chosen is decided by the shape alone.
import { PerceptError } from '@percept/core';
import type { StepBuilder } from '../step-builder.js';
import { type ConvolutionShape, convolutionKey, type GradientPart } from './convolution-shape.js';
import { defaultInputGradient, inputGradients } from './input-gradient.js';
import type { Lowerings } from './lowering.js';
import { defaultWeightGradient, weightGradients } from './weight-gradient.js';

/** Names of lowerings by `convolutionKey`. Plain JSON, for checkpoints and caches. */
export type LoweringChoices = Readonly<Record<string, string>>;

/** A part of a convolution's gradient with the name of what computes it. */
export interface LoweredConvolution {
  readonly part: GradientPart;
  readonly shape: ConvolutionShape;
  readonly lowering: string;
}

const loweringsOf: Readonly<Record<GradientPart, Lowerings>> = {
  input: inputGradients,
  weight: weightGradients,
};

const defaults: Readonly<Record<GradientPart, (shape: ConvolutionShape) => string>> = {
  input: defaultInputGradient,
  weight: defaultWeightGradient,
};

/** Names of the lowerings that can compute a part of the gradient of a shape. */
export function fittingLowerings(part: GradientPart, shape: ConvolutionShape): readonly string[] {
  const known = loweringsOf[part];
  return Object.keys(known).filter((name) => known[name]!.fits(shape));
}

/**
 * Emits a part of a convolution's gradient by the lowering that `g` holds for its shape, or by the default one.
 *
 * @throws PerceptError `TRAIN_LOWERING_UNKNOWN` for a chosen name that is none, or is of a lowering for other shapes
 */
export function emitConvolutionGradient(
  g: StepBuilder,
  part: GradientPart,
  shape: ConvolutionShape,
  { other, dY }: { readonly other: string; readonly dY: string },
): string {
  const key = convolutionKey(part, shape);
  const chosen = Object.hasOwn(g.lowerings, key) ? g.lowerings[key]! : defaults[part](shape);
  const names = fittingLowerings(part, shape);
  if (!names.includes(chosen)) {
    throw new PerceptError(
      'TRAIN_LOWERING_UNKNOWN',
      `Expected one of ${names.join(', ')} for the gradient "${key}" but received ${chosen}. Tune again with this version, or train with the version that chose it`,
    );
  }
  g.lowered.set(key, { part, shape, lowering: chosen });
  return loweringsOf[part][chosen]!.emit(g, shape, other, dY);
}
