import type { Transformation } from './transformation.js';

/** Applies transformations one after another, each to the update of the one before. */
export function chain(...stages: readonly Transformation[]): Transformation {
  return {
    description: stages.map(({ description }) => description).join(' | '),
    state: stages.flatMap(({ state }) => state),
    scalars: Object.assign({}, ...stages.map(({ scalars }) => scalars)) as Transformation['scalars'],
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
  };
}
