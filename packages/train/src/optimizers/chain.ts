import { PerceptError } from '@percept/core';
import type { Optimizer, Transformation } from './transformation.js';

/**
 * Applies transformations one after another, each to the update of the one before. A chain that ends in an optimizer is
 * one: `chain(clipByGlobalNorm(1), adamw())`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when two stages use the same name for a state or a scalar
 */
export function chain(...stages: readonly [...(readonly Transformation[]), Optimizer]): Optimizer;
export function chain(...stages: readonly Transformation[]): Transformation;
export function chain(...stages: readonly (Transformation | Optimizer)[]): Transformation | Optimizer {
  const names = stages.flatMap(({ state, scalars }) => [...state, ...Object.keys(scalars)]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected stages with names of their own for chain() but received two with ${twice}. Leave one of them out`,
    );
  }
  const last = stages.at(-1);
  const average = stages.find((stage) => 'average' in stage && stage.average !== undefined) as Optimizer | undefined;
  return {
    description: stages.map(({ description }) => description).join(' | '),
    state: stages.flatMap(({ state }) => state),
    initial: Object.assign({}, ...stages.map(({ initial }) => initial)) as Required<Transformation>['initial'],
    scalars: Object.assign({}, ...stages.map(({ scalars }) => scalars)) as Transformation['scalars'],
    shared: (context) => Object.assign({}, ...stages.map((stage) => stage.shared?.(context))) as Record<string, string>,
    emit(context) {
      let update = context.update;
      const state: Record<string, string> = {};
      for (const stage of stages) {
        const emitted = stage.emit({ ...context, update });
        update = emitted.update;
        Object.assign(state, emitted.state);
      }
      return { update, state };
    },
    ...(last !== undefined && 'learningRate' in last ? { learningRate: last.learningRate } : {}),
    ...(average === undefined ? {} : { average: average.average }),
    ...(average?.collectsStatistics === true ? { collectsStatistics: true } : {}),
  };
}
