import type { StepBuilder } from './step-builder.js';

/** -1, 0 or 1. Emitted without Sign, which the WebGPU provider lacks. */
export function signOf(g: StepBuilder, value: string): string {
  const zero = g.scalar(0);
  const is = (comparison: 'Greater' | 'Less'): string => g.mask(g.node(comparison, [value, zero]));
  return g.node('Sub', [is('Greater'), is('Less')]);
}
