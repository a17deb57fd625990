import { PerceptError } from '@percept/core';
import type { NonFiniteTensor, StepResult } from './engine.js';

/** The error of a step whose loss or gradients are not finite, with where that began. */
export function divergence(
  { loss, gradientNorm }: StepResult,
  { epoch, step }: { readonly epoch: number; readonly step: number },
  found: NonFiniteTensor | undefined,
): PerceptError {
  const what = Number.isFinite(loss)
    ? `gradients of finite length but received ${gradientNorm}`
    : `a finite loss but received ${loss}`;
  const where = found === undefined ? '' : `; the first tensor that is not finite is ${describe(found)}`;
  return new PerceptError(
    'TRAIN_DIVERGED',
    `Expected ${what} in epoch ${epoch}, step ${step}${where}. ${advice(found)}`,
    { details: { epoch, step, loss, gradientNorm, tensor: found } },
  );
}

/** The error of an update that left a value in the state that is not finite. */
export function brokenState(name: string): PerceptError {
  return new PerceptError(
    'TRAIN_DIVERGED',
    `Expected finite weights to keep but ${name} holds a value that is not. ${advice(undefined)}`,
    { details: { tensor: { kind: 'parameter', name } satisfies NonFiniteTensor } },
  );
}

function describe({ kind, name, node }: NonFiniteTensor): string {
  if (kind === 'input') return `the ${name} of the batch`;
  if (kind === 'gradient') return `the gradient of ${name}`;
  return `the ${kind} ${name}${node === undefined ? '' : ` of ${node}`}`;
}

function advice(found: NonFiniteTensor | undefined): string {
  if (found?.kind === 'input') return 'Check the data and its preprocessing';
  return 'Lower the learning rate, warm it up, or clip the gradients: chain(clipByGlobalNorm(1), adamw())';
}
