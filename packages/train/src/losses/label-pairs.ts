import { tensor } from '@percept/core';
import type { StepBuilder } from '../step-builder.js';

/** Which pairs `[N, N]` of a batch carry the same label: float32 masks of zeros and ones. */
export function labelPairs(g: StepBuilder, labels: string, batch: number): { positive: string; negative: string } {
  const equal = g.node('Equal', [g.reshape(labels, [batch, 1]), g.reshape(labels, [1, batch])]);
  const same = g.mask(equal);
  return {
    positive: g.node('Sub', [same, identity(g, batch)]),
    negative: g.node('Sub', [g.scalar(1), same]),
  };
}

/** The identity matrix `[size, size]`. */
export function identity(g: StepBuilder, size: number): string {
  const data = Float32Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0));
  return g.constant(tensor('float32', [size, size], data), 'identity');
}
