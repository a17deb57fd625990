import type { StepBuilder } from '../step-builder.js';
import type { ConvolutionShape } from './convolution-shape.js';

/** One way to compute a part of a convolution's gradient with forward operators. All ways give the same but for rounding. */
export interface Lowering {
  /** Whether it can compute the gradient of this shape. */
  fits(shape: ConvolutionShape): boolean;
  /** Emits it; `other` is the weights for the gradient of the input, and the input for that of the weights. */
  emit(g: StepBuilder, shape: ConvolutionShape, other: string, dY: string): string;
}

/** Lowerings by name. The names stand in checkpoints: they keep their meaning. */
export type Lowerings = Readonly<Record<string, Lowering>>;
