import type { SlidingWindow } from '../sliding-window.js';

/** A 2-D convolution of one input size, all attributes resolved. */
export interface ConvolutionShape extends SlidingWindow {
  readonly batch: number;
  /** Input channels. */
  readonly channels: number;
  /** Output channels. */
  readonly filters: number;
  readonly groups: number;
  readonly inputSize: readonly [number, number];
}

/** The part of a convolution's gradient that a lowering computes: with respect to its input or to its weights. */
export type GradientPart = 'input' | 'weight';

/** Names one part of the gradient of one shape: what a lowering is chosen for. Equal shapes have equal keys. */
export function convolutionKey(part: GradientPart, shape: ConvolutionShape): string {
  const { batch, channels, filters, groups, inputSize, kernel, strides, dilations, before, after } = shape;
  return [
    `${part} of [${[batch, channels, ...inputSize].join(',')}]`,
    `weights [${[filters, channels / groups, ...kernel].join(',')}]`,
    `strides ${strides.join(',')}`,
    `pads ${[...before, ...after].join(',')}`,
    `dilations ${dilations.join(',')}`,
  ].join(' ');
}
