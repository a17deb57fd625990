// What the loop of a training and the thing that computes its steps say to each other. The loop knows of epochs, batches,
// schedules and checkpoints; an engine knows of weights.
import type { Batch, LongCallOptions, Tensor } from '@percept/core';
import type { Model, PerceptMetadata } from '@percept/onnx';
import type { Loss } from './losses.js';
import type { Optimizer } from './optimizers/transformation.js';

/** What an engine is told once, before the first step. */
export interface EngineOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Class names of the data; empty where it has no classes. */
  readonly classes: readonly string[];
  /** Batches whose gradients are averaged before the optimizer moves the weights, at least 1. */
  readonly accumulate: number;
  /** Keys the random draws of the steps (dropout, stochastic depth). */
  readonly seed: number;
  /** Threads within an operator; `undefined`: one per core. */
  readonly threads: number | undefined;
}

/** One training step. */
export interface StepRequest {
  readonly batch: Batch;
  /** Epochs finished, and steps of this one that are done: with the seed they key the random draws. */
  readonly epoch: number;
  readonly step: number;
  /** `learningRate` and the scalars of the optimizer. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Whether the optimizer moves the weights after this batch; otherwise its gradients are only added up. */
  readonly update: boolean;
}

/** What a batch came to. */
export interface StepResult {
  /** The loss of the batch, as the loss reduces it. Where it is not finite the state is as it was before the step. */
  readonly loss: number;
  /**
   * Right answers in the batch; an image with many answers, as in segmentation, counts by the share of right ones. Absent
   * where the loss compares no classes.
   */
  readonly correct?: number;
  /**
   * Global norm (L2) of the gradients that the optimizer saw: of steps that moved the weights, and of any step where it is
   * not finite.
   */
  readonly gradientNorm?: number;
}

/** A tensor that a diagnosis found not to be finite. */
export interface NonFiniteTensor {
  /** What it is: a batch's `images` or `labels`, an activation, a gradient, a parameter. */
  readonly kind: 'input' | 'activation' | 'gradient' | 'parameter';
  readonly name: string;
  /** The node that made it, where one did. */
  readonly node?: string;
}

/**
 * Computes training steps. Weights, running statistics and optimizer state live in it and never travel per step. Calls are
 * answered in order; several steps may be under way.
 */
export interface TrainingEngine {
  /** What decides the bits of the result beside the options: the kind of engine and a digest of the model. For checkpoints. */
  readonly fingerprint: Readonly<Record<string, string>>;
  /** The state before the first step, by name: parameters, running statistics, `<slot>.<parameter>` of the optimizer. */
  initialState(): ReadonlyMap<string, Tensor>;
  /** Replaces the state by a copy of `state`. */
  restore(state: ReadonlyMap<string, Tensor>): Promise<void>;
  /**
   * A copy of the state after all steps asked for so far.
   *
   * @throws PerceptError `TRAIN_DIVERGED` when the last update left a value in it that is not finite: nobody can go on from
   *   there
   */
  snapshot(): Promise<ReadonlyMap<string, Tensor>>;
  /**
   * Ways to compute that are as right as others and may be faster here, for batches of inputs of a shape: found by timing
   * them. They decide the last bits of the result: a training keeps them and hands them back with {@link use}.
   */
  tune?(inputDims: readonly number[], call: LongCallOptions): Promise<Readonly<Record<string, string>>>;
  /** Takes what {@link tune} found; before the first step. */
  use?(choices: Readonly<Record<string, string>>): void;
  /** Computes one step. The buffers of the batch are handed over. */
  step(request: StepRequest): Promise<StepResult>;
  /**
   * Loss and right answers of a batch as the exported model would give them: nothing is dropped, running statistics
   * normalize, averaged weights stand in the place of the last ones. Changes nothing.
   */
  score(batch: Batch): Promise<StepResult>;
  /**
   * Moves the running statistics towards those of a batch by `share` (0..1), computed with the averaged weights. Gives
   * `false` where the model has none that move.
   */
  collect?(batch: Batch, share: number): Promise<boolean>;
  /** The first tensor that is not finite when `request` is computed from the present state; `undefined`: all are finite. */
  diagnose(request: StepRequest): Promise<NonFiniteTensor | undefined>;
  /** The model for use, with the values of `state`: averaged weights in the place of the last ones, metadata inside. */
  exportModel(state: ReadonlyMap<string, Tensor>, metadata: PerceptMetadata): Promise<Model>;
  /** Waits for what was asked for, then frees everything. */
  close(): Promise<void>;
}

/** A model that brings its own engine, such as a LayersModel of TensorFlow.js. */
export interface EngineModel {
  /** @throws PerceptError `TRAIN_UNSUPPORTED`, `TRAIN_MODEL_INVALID`; `MISSING_PEER` without the engine's package */
  createEngine(options: EngineOptions): Promise<TrainingEngine>;
}
