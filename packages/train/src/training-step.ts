// The whole training step as one ONNX graph: parameters, optimizer state, running statistics, a batch and a few scalars
// go in; their new values, the loss and the number of right answers come out.
import { elementCount, type Tensor, tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import { emitTrainingPass } from './backward.js';
import { emitRightClasses, type Loss, targetsOf } from './losses/loss.js';
import { emitUpdates, optimizerStateName } from './optimizers/emit-updates.js';
import type { Optimizer } from './optimizers/transformation.js';
import { StepBuilder } from './step-builder.js';
import type { Trainable } from './trainable.js';

/** Prefix of the outputs that replace the input of the same name. */
export const nextPrefix = 'next.';

/** Names of what is not state. */
export const stepNames = {
  images: 'batch.images',
  labels: 'batch.labels',
  loss: 'step.loss',
  correct: 'step.correct',
} as const;

/** Name of the scalar input `scalar`. */
export function scalarName(scalar: string): string {
  return `scalar.${scalar}`;
}

/** Parameters, running statistics and optimizer state as they are before the first step. */
export function initialState(model: Trainable, optimizer: Optimizer): Map<string, Tensor> {
  const state = new Map<string, Tensor>();
  for (const name of [...model.parameters, ...model.statistics]) state.set(name, model.constants.get(name)!);
  for (const slot of optimizer.state) {
    const initial = optimizer.initial?.[slot] ?? 0;
    for (const name of model.parameters) {
      const parameter = model.constants.get(name)!;
      const filled = new Float32Array(elementCount(parameter.dims)).fill(initial === 'parameter' ? 0 : initial);
      state.set(
        optimizerStateName(slot, name),
        initial === 'parameter' ? parameter : tensor('float32', parameter.dims, filled),
      );
    }
  }
  return state;
}

/**
 * The state to validate and to export: where the optimizer keeps averaged weights, they stand in the place of the last ones.
 * A training goes on from the state itself.
 */
export function withAveragedWeights(
  state: ReadonlyMap<string, Tensor>,
  model: Trainable,
  { average }: Optimizer,
): ReadonlyMap<string, Tensor> {
  if (average === undefined) return state;
  const averaged = new Map(state);
  for (const name of model.parameters) averaged.set(name, state.get(optimizerStateName(average, name))!);
  return averaged;
}

/**
 * The step for batches of the shape `inputDims` (`[N, C, H, W]`) and scores of `classes` classes. Its labels are what the loss
 * compares with; the count of right answers is 0 where they name no class.
 */
export function buildTrainingStep(
  model: Trainable,
  options: { loss: Loss; optimizer: Optimizer; inputDims: readonly number[]; classes: number },
): Model {
  const { loss, optimizer, inputDims, classes } = options;
  const g = new StepBuilder('training step');
  const state = initialState(model, optimizer);
  for (const [name, { dims }] of state) g.input(name, 'float32', [...dims]);
  g.input(stepNames.images, 'float32', [...inputDims]);
  const targets = targetsOf(loss);
  const scoreDims = [inputDims[0]!, classes];
  const labels = g.input(stepNames.labels, targets.type, [...targets.dims(scoreDims)]);
  const scalars = Object.fromEntries(
    ['learningRate', ...Object.keys(optimizer.scalars)].map((name) => [name, g.input(scalarName(name), 'float32', [])]),
  );
  for (const [name, value] of model.constants) if (!state.has(name)) g.initializer(name, value);
  g.node('Identity', [stepNames.images], {}, { outputs: [model.input] });

  const pass = emitTrainingPass(g, model, { ...options, wrt: model.parameters, labels });
  const output = (value: string, name: string): void =>
    g.output(g.node('Identity', [value], {}, { outputs: [name] }), 'float32', undefined);
  output(pass.loss, stepNames.loss);
  const rightClasses = emitRightClasses(g, loss, labels, scoreDims);
  output(rightClasses === undefined ? g.scalar(0) : countRight(g, pass.scores, rightClasses), stepNames.correct);

  const trained = model.parameters.map((name) => ({
    name,
    dims: model.constants.get(name)!.dims,
    gradient: pass.gradients.get(name)!,
  }));
  const updates = emitUpdates(g, optimizer, trained, scalars);
  for (const [name, value] of updates) output(value, nextPrefix + name);
  for (const [name, value] of pass.statistics) output(value, nextPrefix + name);
  return g.build();
}

/** How many rows of the scores `[N, classes]` are largest at the right class. */
function countRight(g: StepBuilder, scores: string, rightClasses: string): string {
  const answers = g.node('ArgMax', [scores], { axis: 1, keepdims: 0 });
  return g.reduceSum(g.mask(g.node('Equal', [answers, rightClasses])), [0]);
}
