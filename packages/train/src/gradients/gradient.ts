import type { Tensor } from '@percept/core';
import type { ElementType, Node } from '@percept/onnx';
import type { StepBuilder } from '../step-builder.js';

/** What a gradient function sees of the node that it differentiates. All shapes are known numbers. */
export interface GradientContext {
  /** Where to emit. */
  readonly g: StepBuilder;
  readonly node: Node;
  /** Value names of the inputs, `''` for one that is left out. */
  readonly inputs: readonly string[];
  /** Shapes of the inputs; `[]` stands for one that is left out, too. */
  readonly inputDims: readonly (readonly number[])[];
  readonly inputTypes: readonly (ElementType | undefined)[];
  /** The value of an input, where it is a constant that training does not change. */
  constant(index: number): Tensor | undefined;
  /** Value name of the first output. */
  readonly output: string;
  readonly outputDims: readonly number[];
  /** Gradient of the loss with respect to the first output. */
  readonly dY: string;
  /** Gradients with respect to all outputs: zeros where nothing flows back, `''` for one that is left out. */
  readonly dYs: readonly string[];
  /** For each input, whether its gradient is asked for. */
  readonly needed: readonly boolean[];
  /** What the training form of the operator left for its gradient. */
  readonly saved: Readonly<Record<string, string>>;
}

/** Emits the gradients with respect to the inputs; `undefined` for those that are not needed or have none. */
export type Gradient = (context: GradientContext) => readonly (string | undefined)[];
