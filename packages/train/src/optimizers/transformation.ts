import type { StepBuilder } from '../step-builder.js';

/** What a transformation sees when it is emitted for one parameter. */
export interface TransformationContext {
  readonly g: StepBuilder;
  /** The parameter's current value. */
  readonly parameter: string;
  /** The update so far: the gradient, or what the transformation before made of it. */
  readonly update: string;
  /** Current value of each state tensor, by the names of {@link Transformation.state}. */
  readonly state: Readonly<Record<string, string>>;
  /** Values of the scalar inputs, `learningRate` and those of {@link Transformation.scalars}. */
  readonly scalars: Readonly<Record<string, string>>;
}

/** What a transformation emitted. */
export interface EmittedTransformation {
  readonly update: string;
  /** New value of each state tensor. */
  readonly state: Readonly<Record<string, string>>;
}

/**
 * One stage of an optimizer: turns a gradient into an update, with explicit state. A stage is pure: what it emits depends
 * on its arguments alone. The last update is subtracted from the parameter.
 */
export interface Transformation {
  /** Name and options, for checkpoints and trackers. */
  readonly description: string;
  /** Names of the state tensors, each in the parameter's shape and zero at first. Unique within a chain. */
  readonly state: readonly string[];
  /** Scalar inputs as functions of the number of the step, counted from 1 over the whole training. */
  readonly scalars: Readonly<Record<string, (step: number) => number>>;
  emit(context: TransformationContext): EmittedTransformation;
}

/** A transformation that ends in a step of the learning rate's size, with the rate that it starts from. */
export interface Optimizer extends Transformation {
  /** What schedules start from. */
  readonly learningRate: number;
}
