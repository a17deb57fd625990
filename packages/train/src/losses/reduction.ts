import { PerceptError } from '@percept/core';
import * as z from 'zod';
import type { StepBuilder } from '../step-builder.js';
import type { EmittedLoss } from './loss.js';

/** Whether a loss is the mean or the sum of its terms. PyTorch's third, `'none'`, is no single value to descend. */
export type Reduction = 'mean' | 'sum';

export const reductionSchema = z.enum(['mean', 'sum']).optional();

/** Reduces terms of the shape `dims`, the mean being over `count` of them, and scales their gradient likewise. */
export function reduced(
  g: StepBuilder,
  terms: EmittedLoss,
  { dims, reduction, count }: { dims: readonly number[]; reduction: Reduction; count: number },
): EmittedLoss {
  const sum = g.reduceSum(terms.value, [...dims.keys()]);
  if (reduction === 'sum') return { value: sum, gradient: terms.gradient };
  const share = g.scalar(1 / count);
  return { value: g.node('Mul', [sum, share]), gradient: g.node('Mul', [terms.gradient, share]) };
}

/** Makes sure that there is one weight for every class. */
export function checkClassCount(values: readonly unknown[], dims: readonly number[], name: string): void {
  if (values.length === dims[1]) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected ${dims[1]} numbers for ${name}, one for every class, but received ${values.length}`,
  );
}
