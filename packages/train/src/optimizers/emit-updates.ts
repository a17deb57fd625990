import type { StepBuilder } from '../step-builder.js';
import type { Optimizer } from './transformation.js';

/** One trained parameter within a step. */
export interface TrainedParameter {
  /** The parameter's name, which is also that of its current value. */
  readonly name: string;
  readonly dims: readonly number[];
  readonly gradient: string;
}

/** Emits what an optimizer makes of a step's gradients: the new value of every parameter and of every state tensor, by name. */
export function emitUpdates(
  g: StepBuilder,
  optimizer: Optimizer,
  parameters: readonly TrainedParameter[],
  scalars: Readonly<Record<string, string>>,
): Map<string, string> {
  const gradients = new Map(parameters.map(({ name, gradient }) => [name, gradient]));
  const shared = optimizer.shared?.({ g, gradients }) ?? {};
  const next = new Map<string, string>();
  for (const { name, dims, gradient } of parameters) {
    const { update, state } = optimizer.emit({
      g,
      parameter: name,
      dims,
      update: gradient,
      state: Object.fromEntries(optimizer.state.map((slot) => [slot, optimizerStateName(slot, name)])),
      scalars,
      shared,
    });
    next.set(name, g.node('Sub', [name, update]));
    for (const [slot, value] of Object.entries(state)) next.set(optimizerStateName(slot, name), value);
  }
  return next;
}

/** Name of the optimizer's state tensor `state` of a parameter. */
export function optimizerStateName(state: string, parameter: string): string {
  return `optimizer.${state}.${parameter}`;
}
