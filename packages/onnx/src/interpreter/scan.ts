import { stacked } from './concatenate.js';
import { normalizeAxis, stridedPositions, strides } from './indexing.js';
import type { KernelContext } from './kernel.js';
import { asTensor, pick, type TensorValue, type Value } from './value.js';

/** What one scan goes over. Axes default to 0, directions to 0 (forward; appending). */
export interface ScanArguments {
  readonly states: readonly (Value | undefined)[];
  readonly inputs: readonly TensorValue[];
  readonly inputAxes: readonly number[];
  readonly inputDirections: readonly number[];
  readonly outputAxes: readonly number[];
  readonly outputDirections: readonly number[];
  /** Steps to make, when fewer than the inputs are long. */
  readonly length?: number | undefined;
}

/** Runs the graph `body` along the inputs: final states, then what it gave at every step, joined. */
export function scanned(context: KernelContext, scan: ScanArguments): TensorValue[] {
  const axes = scan.inputs.map(({ dims }, at) => normalizeAxis(scan.inputAxes[at] ?? 0, dims.length));
  const length = scan.length ?? scan.inputs[0]?.dims[axes[0]!] ?? 0;
  let states = scan.states;
  const steps: TensorValue[][] = [];
  for (let step = 0; step < length; step++) {
    const elements = scan.inputs.map((input, at) =>
      elementOf(input, axes[at]!, scan.inputDirections[at] === 1 ? length - 1 - step : step),
    );
    const results = context.runSubgraph('body', [...states, ...elements]);
    states = results.slice(0, states.length);
    steps.push(results.slice(states.length).map((result) => asTensor(result)));
  }
  const outputs = (steps[0] ?? []).map((first, output) => {
    const parts = steps.map((step) => step[output]!);
    if (scan.outputDirections[output] === 1) parts.reverse();
    return stacked(parts, normalizeAxis(scan.outputAxes[output] ?? 0, first.dims.length + 1));
  });
  return [...states.map((state) => asTensor(state)), ...outputs];
}

function elementOf(tensor: TensorValue, axis: number, index: number): TensorValue {
  const steps = strides(tensor.dims);
  return pick(
    tensor,
    tensor.dims.toSpliced(axis, 1),
    stridedPositions(tensor.dims.toSpliced(axis, 1), steps.toSpliced(axis, 1), index * steps[axis]!),
  );
}
