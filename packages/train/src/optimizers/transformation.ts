import type { StepBuilder } from '../step-builder.js';

/** What a transformation sees of all parameters together. */
export interface SharedContext {
  readonly g: StepBuilder;
  /** The gradient of every trained parameter, by the parameter's name. */
  readonly gradients: ReadonlyMap<string, string>;
}

/** What a transformation sees when it is emitted for one parameter. */
export interface TransformationContext {
  readonly g: StepBuilder;
  /** The parameter's name, which is also that of its current value. */
  readonly parameter: string;
  /** The parameter's shape. */
  readonly dims: readonly number[];
  /** The update so far: the gradient, or what the transformation before made of it. */
  readonly update: string;
  /** Current value of each state tensor, by the names of {@link Transformation.state}. */
  readonly state: Readonly<Record<string, string>>;
  /** Values of the scalar inputs, `learningRate` and those of {@link Transformation.scalars}. */
  readonly scalars: Readonly<Record<string, string>>;
  /** What {@link Transformation.shared} of all stages emitted. */
  readonly shared: Readonly<Record<string, string>>;
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
  /** Names of the state tensors, each in the parameter's shape. Unique within a chain. */
  readonly state: readonly string[];
  /** What state tensors hold before the first step: one number, or a copy of the parameter. Default 0. */
  readonly initial?: Readonly<Record<string, number | 'parameter'>>;
  /** Scalar inputs as functions of the number of the step, counted from 1 over the whole training. */
  readonly scalars: Readonly<Record<string, (step: number) => number>>;
  /**
   * Emits what needs the gradients of all parameters at once, such as their norm: once for every step, before `emit`. It
   * sees the gradients as they come from the model, so a stage that has it comes before those that change them. The names
   * that it gives to values are unique within a chain.
   */
  shared?(context: SharedContext): Readonly<Record<string, string>>;
  emit(context: TransformationContext): EmittedTransformation;
}

/** A transformation that ends in a step of the learning rate's size, with the rate that it starts from. */
export interface Optimizer extends Transformation {
  /** What schedules start from. */
  readonly learningRate: number;
  /** Name of the state tensor that holds the averaged weights, which are validated and exported instead of the last ones. */
  readonly average?: string;
  /** Whether running statistics are computed anew for the averaged weights when the training is over. Default false. */
  readonly collectsStatistics?: boolean;
}
