// The whole training step as one ONNX graph: parameters, optimizer state, running statistics, a batch and a few scalars
// go in; their new values, the loss and the number of right answers come out.
import { elementCount, PerceptError, type Tensor, tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import { emitForwardPass, emitLoss, emitTrainingPass, type TrainingPass } from './backward.js';
import { type Checkpointing, recomputeActivations } from './checkpointing/recompute-activations.js';
import { type Loss, targetsOf } from './losses/loss.js';
import type { LoweringChoices } from './lowerings/lowering-choices.js';
import type { Freezing } from './models/freeze.js';
import { emitUpdates, optimizerStateName, type TrainedParameter } from './optimizers/emit-updates.js';
import type { Optimizer } from './optimizers/transformation.js';
import { StepBuilder } from './step-builder.js';
import type { Trainable } from './trainable.js';

/** Prefix of the outputs that replace the input of the same name. */
export const nextPrefix = 'next.';

/** Prefix of the state that holds the sums of gradients between two updates. */
const accumulatedPrefix = 'accumulated.';

/** Names of what is not state. */
export const stepNames = {
  images: 'batch.images',
  labels: 'batch.labels',
  loss: 'step.loss',
  correct: 'step.correct',
  gradientNorm: 'step.gradientNorm',
} as const;

/** Name of the scalar input `scalar`. */
export function scalarName(scalar: string): string {
  return `scalar.${scalar}`;
}

/** Scalar input of {@link buildCollectingStep}. */
export const shareScalar = 'share';

/** What all graphs of one training have in common. */
export interface StepOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Number of classes of the data, where it has any. */
  readonly classes?: number;
  /** What stays as it is. Default: nothing. */
  readonly freezing?: Freezing | undefined;
  /** Batches whose gradients are averaged before the optimizer moves the weights. Default 1. */
  readonly accumulate?: number;
  /** How gradients of convolutions are computed, see `tuneLowerings`. Default: decided by the shapes. */
  readonly lowerings?: LoweringChoices | undefined;
  /** How much of the forward pass is computed again in the backward pass, to save memory. Default `none`. */
  readonly checkpointing?: Checkpointing | undefined;
}

/** The parameters that are trained, in order of use. */
export function trainedParameters(model: Trainable, { freezing }: Pick<StepOptions, 'freezing'>): readonly string[] {
  return freezing === undefined ? model.parameters : model.parameters.filter((name) => freezing.trained.includes(name));
}

/** Running statistics that training moves. */
export function movingStatistics(model: Trainable, { freezing }: Pick<StepOptions, 'freezing'>): readonly string[] {
  return model.statistics.filter((name) => freezing?.frozenStatistics.includes(name) !== true);
}

/** Trained parameters, moving statistics, optimizer state and accumulated gradients as they are before the first step. */
export function initialState(model: Trainable, options: StepOptions): Map<string, Tensor> {
  const { optimizer, accumulate = 1 } = options;
  const state = new Map<string, Tensor>();
  const trained = trainedParameters(model, options);
  for (const name of [...trained, ...movingStatistics(model, options)]) state.set(name, model.constants.get(name)!);
  const filled = (name: string, value: number): Tensor => {
    const { dims } = model.constants.get(name)!;
    return tensor('float32', dims, new Float32Array(elementCount(dims)).fill(value));
  };
  for (const slot of optimizer.state) {
    const initial = optimizer.initial?.[slot] ?? 0;
    for (const name of trained) {
      const value = initial === 'parameter' ? model.constants.get(name)! : filled(name, initial);
      state.set(optimizerStateName(slot, name), value);
    }
  }
  if (accumulate > 1) for (const name of trained) state.set(accumulatedPrefix + name, filled(name, 0));
  return state;
}

/**
 * Where the values of parameters stand that are validated and exported: the optimizer's average of a parameter where it
 * keeps one, else the parameter itself. A training goes on from the parameters.
 */
export function namesForUse(model: Trainable, options: StepOptions): ReadonlyMap<string, string> {
  const { average } = options.optimizer;
  return new Map(
    trainedParameters(model, options).map((name) => [
      name,
      average === undefined ? name : optimizerStateName(average, name),
    ]),
  );
}

/**
 * The step for batches of the shape `inputDims` (mostly `[N, C, H, W]`). Its labels are what the loss compares with; the
 * count of right answers is left out where they name no class. Without `update` gradients are only added up.
 */
export function buildTrainingStep(
  model: Trainable,
  options: StepOptions & { readonly inputDims: readonly number[]; readonly update?: boolean },
): Model {
  const { optimizer, accumulate = 1, update = true, checkpointing = 'none' } = options;
  const { g, pass } = emitPass(model, options, 'training step');
  const state = initialState(model, options);
  for (const [name, { dims }] of state) {
    if (!model.constants.has(name)) g.input(name, 'float32', [...dims]);
  }
  emitFigures(g, pass);
  const scalars = Object.fromEntries(
    ['learningRate', ...Object.keys(optimizer.scalars)].map((name) => [name, g.input(scalarName(name), 'float32', [])]),
  );
  const trained = trainedParameters(model, options).map((name) => ({
    name,
    dims: model.constants.get(name)!.dims,
    gradient: averaged(g, name, pass.gradients.get(name)!, accumulate),
  }));
  // Where it is not finite, the gradients must not reach the weights, nor the sums that become theirs.
  emitOutput(g, gradientNorm(g, trained), stepNames.gradientNorm);
  if (update) {
    for (const [name, value] of emitUpdates(g, optimizer, trained, scalars)) emitOutput(g, value, nextPrefix + name);
    if (accumulate > 1) {
      for (const { name, dims } of trained) emitOutput(g, g.fill(dims, 0), nextPrefix + accumulatedPrefix + name);
    }
  } else {
    for (const { name, gradient } of trained) emitOutput(g, gradient, nextPrefix + accumulatedPrefix + name);
  }
  for (const [name, value] of pass.statistics) emitOutput(g, value, nextPrefix + name);
  return recomputeActivations(g.build(), { scores: pass.scores, weights: new Set(state.keys()), checkpointing });
}

/** Loss and right answers of a batch with the model in its form for use. Its parameters and moving statistics are inputs. */
export function buildScoringStep(
  model: Trainable,
  options: StepOptions & { readonly inputDims: readonly number[] },
): Model {
  const { inputDims } = options;
  const g = new StepBuilder('scoring step');
  emitInputs(g, model, options, inputDims);
  const forward = emitForwardPass(g, model, { wrt: [], inputDims, form: 'use' });
  const { loss, rightClasses, scoreDims } = emitLoss(g, model, forward, { ...options, labels: labelInput(g, options) });
  emitFigures(g, { loss: loss.value, rightClasses, scores: model.output, scoreDims });
  return g.build();
}

/**
 * Moves the running statistics towards those of a batch by the scalar {@link shareScalar}, with nothing dropped: 1 / n in the
 * n-th step makes them the mean over all batches, as `torch.optim.swa_utils.update_bn` does.
 */
export function buildCollectingStep(
  model: Trainable,
  options: StepOptions & { readonly inputDims: readonly number[] },
): Model {
  const { inputDims, freezing } = options;
  const g = new StepBuilder('collecting step');
  emitInputs(g, model, options, inputDims);
  const statisticsShare = g.input(scalarName(shareScalar), 'float32', []);
  const frozenStatistics = freezing?.frozenStatistics ?? [];
  const forward = emitForwardPass(g, model, { wrt: [], inputDims, frozenStatistics, statisticsShare, dropout: false });
  for (const [name, value] of forward.statistics) emitOutput(g, value, nextPrefix + name);
  return g.build();
}

/** A training pass that gives its inner values: `candidates` names them in the order of their computation. */
export function buildDiagnosis(
  model: Trainable,
  options: StepOptions & { readonly inputDims: readonly number[] },
): { model: Model; candidates: readonly DiagnosedValue[] } {
  const { g, pass } = emitPass(model, options, 'diagnosis');
  const candidates: DiagnosedValue[] = [];
  const add = (value: string, rest: Omit<DiagnosedValue, 'output'>): void => {
    const output = `diagnosed.${candidates.length}`;
    emitOutput(g, value, output);
    candidates.push({ output, ...rest });
  };
  for (const { value, node } of pass.activations) {
    const name = value.replace(/^value\./, '');
    add(value, { kind: 'activation', name, node: node.name === '' ? node.opType : `${node.opType} ${node.name}` });
  }
  // The gradient flows backwards: what is nearest to the output comes first.
  for (const [name, value] of [...pass.gradients].reverse()) add(value, { kind: 'gradient', name });
  return { model: g.build(), candidates };
}

/** A value that a diagnosis gives under the name `output`. */
export interface DiagnosedValue {
  readonly output: string;
  readonly kind: 'activation' | 'gradient';
  readonly name: string;
  readonly node?: string;
}

function emitPass(
  model: Trainable,
  options: StepOptions & { readonly inputDims: readonly number[] },
  graphName: string,
): { g: StepBuilder; pass: TrainingPass } {
  const { inputDims, freezing, lowerings } = options;
  const g = new StepBuilder(graphName, lowerings);
  emitInputs(g, model, options, inputDims);
  const pass = emitTrainingPass(g, model, {
    ...options,
    wrt: trainedParameters(model, options),
    frozenStatistics: freezing?.frozenStatistics ?? [],
    labels: labelInput(g, options),
  });
  return { g, pass };
}

/** Trained parameters and moving statistics as inputs, what is frozen as constants, and the images. */
function emitInputs(g: StepBuilder, model: Trainable, options: StepOptions, inputDims: readonly number[]): void {
  checkChannels(model, inputDims);
  const state = new Set([...trainedParameters(model, options), ...movingStatistics(model, options)]);
  for (const [name, value] of model.constants) {
    if (state.has(name)) g.input(name, 'float32', [...value.dims]);
    else g.initializer(name, value);
  }
  g.input(stepNames.images, 'float32', [...inputDims]);
  g.node('Identity', [stepNames.images], {}, { outputs: [model.input] });
}

/** Images of another order of axes, or of other channels, are told before an operator deep inside fails on them. */
function checkChannels({ input, inputDims: declared }: Trainable, dims: readonly number[]): void {
  const channels = declared?.[1];
  if (
    declared === undefined ||
    (declared.length === dims.length && (typeof channels !== 'number' || channels === dims[1]))
  )
    return;
  throw new PerceptError(
    'TRAIN_DATA_INVALID',
    `Expected batches [${declared.join(', ')}] for the model's input ${input} but received [${dims.join(', ')}]. Check the layout, color and size of the preprocessing`,
  );
}

function labelInput(g: StepBuilder, { loss }: StepOptions): (scoreDims: readonly number[]) => string {
  const targets = targetsOf(loss);
  return (scoreDims) => g.input(stepNames.labels, targets.type, [...targets.dims(scoreDims)]);
}

function emitFigures(g: StepBuilder, pass: Pick<TrainingPass, 'loss' | 'scores' | 'scoreDims' | 'rightClasses'>): void {
  emitOutput(g, pass.loss, stepNames.loss);
  if (pass.rightClasses !== undefined) emitOutput(g, countRight(g, pass), stepNames.correct);
}

function emitOutput(g: StepBuilder, value: string, name: string): void {
  g.output(g.node('Identity', [value], {}, { outputs: [name] }), 'float32', undefined);
}

/** How many images have the largest score at the right class; one of many score vectors counts by the share of them. */
function countRight(
  g: StepBuilder,
  { scores, scoreDims, rightClasses }: Pick<TrainingPass, 'scores' | 'scoreDims' | 'rightClasses'>,
): string {
  const [batch, , ...rest] = scoreDims;
  const answers = g.node('ArgMax', [scores], { axis: 1, keepdims: 0 });
  const right = g.mask(g.node('Equal', [answers, rightClasses!]));
  const count = g.reduceSum(right, [...rest.keys(), rest.length]);
  const perImage = elementCount(rest);
  return perImage === 1 || batch === 0 ? count : g.node('Mul', [count, g.scalar(1 / perImage)]);
}

/** The share of a gradient in the mean over `accumulate` batches, with what earlier ones gave. */
function averaged(g: StepBuilder, name: string, gradient: string, accumulate: number): string {
  if (accumulate === 1) return gradient;
  return g.node('Add', [accumulatedPrefix + name, g.node('Mul', [gradient, g.scalar(1 / accumulate)])]);
}

/** Length of all gradients together. */
function gradientNorm(g: StepBuilder, trained: readonly TrainedParameter[]): string {
  const squares = trained.map(({ gradient }) => g.node('ReduceSumSquare', [gradient], { keepdims: 0 }));
  return g.node('Sqrt', [squares.length === 1 ? squares[0]! : g.node('Sum', squares)]);
}
