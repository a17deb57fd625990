// Operators of the domain ai.onnx.preview.training: after the learning rate and the step count come groups of as many
// tensors as there are parameters: parameters, gradients, then the optimizer's state. Out come parameters and state.
import type { ShapeContext, ShapeRule } from './shape-rule.js';

const updated =
  (states: number): ShapeRule =>
  (context: ShapeContext) => {
    const count = (context.inputCount - 2) / (2 + states);
    const group = (index: number) =>
      Array.from({ length: count }, (_, at) => ({ type: context.type(2 + index * count + at) }));
    return [group(0), ...Array.from({ length: states }, (_, index) => group(2 + index))].flat();
  };

export const Adagrad = updated(1);
export const Adam = updated(2);
export const Momentum = updated(1);
