// The whole training step as one ONNX graph: parameters, optimizer state, running statistics, a batch and a few scalars
// go in; their new values, the loss and the number of right answers come out.
import { type Tensor, tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import { emitTrainingPass } from './backward.js';
import type { Loss } from './losses.js';
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

/** Name of the optimizer's state tensor `state` of a parameter. */
function optimizerStateName(state: string, parameter: string): string {
  return `optimizer.${state}.${parameter}`;
}

/** Parameters, running statistics and optimizer state as they are before the first step. */
export function initialState(model: Trainable, optimizer: Optimizer): Map<string, Tensor> {
  const state = new Map<string, Tensor>();
  for (const name of [...model.parameters, ...model.statistics]) state.set(name, model.constants.get(name)!);
  for (const slot of optimizer.state) {
    for (const name of model.parameters) {
      state.set(optimizerStateName(slot, name), tensor('float32', model.constants.get(name)!.dims));
    }
  }
  return state;
}

/** The step for batches of the shape `inputDims` (`[N, C, H, W]`) and scores of `classes` classes. */
export function buildTrainingStep(
  model: Trainable,
  options: { loss: Loss; optimizer: Optimizer; inputDims: readonly number[]; classes: number },
): Model {
  const { optimizer, inputDims } = options;
  const g = new StepBuilder('training step');
  const state = initialState(model, optimizer);
  for (const [name, { dims }] of state) g.input(name, 'float32', [...dims]);
  g.input(stepNames.images, 'float32', [...inputDims]);
  const labels = g.input(stepNames.labels, 'int64', [inputDims[0]!]);
  const scalars = Object.fromEntries(
    ['learningRate', ...Object.keys(optimizer.scalars)].map((name) => [name, g.input(scalarName(name), 'float32', [])]),
  );
  for (const [name, value] of model.constants) if (!state.has(name)) g.initializer(name, value);
  g.node('Identity', [stepNames.images], {}, { outputs: [model.input] });

  const pass = emitTrainingPass(g, model, { ...options, wrt: model.parameters, labels });
  const output = (value: string, name: string): void =>
    g.output(g.node('Identity', [value], {}, { outputs: [name] }), 'float32', undefined);
  output(pass.loss, stepNames.loss);
  const answers = g.node('ArgMax', [pass.scores], { axis: 1, keepdims: 0 });
  const right = g.node('Cast', [g.node('Equal', [answers, labels])], { to: 1 });
  output(g.reduceSum(right, [0]), stepNames.correct);

  for (const parameter of model.parameters) {
    const emitted = optimizer.emit({
      g,
      parameter,
      update: pass.gradients.get(parameter)!,
      state: Object.fromEntries(optimizer.state.map((slot) => [slot, optimizerStateName(slot, parameter)])),
      scalars,
    });
    output(g.node('Sub', [parameter, emitted.update]), nextPrefix + parameter);
    for (const [slot, value] of Object.entries(emitted.state)) {
      output(value, nextPrefix + optimizerStateName(slot, parameter));
    }
  }
  for (const [name, value] of pass.statistics) output(value, nextPrefix + name);
  return g.build();
}
