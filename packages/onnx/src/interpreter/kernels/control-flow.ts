// Branches and loops over subgraphs.
import { stacked } from '../concatenate.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { scanned } from '../scan.js';
import { asTensor, bools, int64, integers, scalar, type TensorValue, tensorValue, type Value } from '../value.js';

export const If: Kernel = ([condition], context) =>
  context.runSubgraph(scalar(asTensor(condition, 'cond')) === 0 ? 'else_branch' : 'then_branch', []);

export const Loop: Kernel = ([countInput, conditionInput, ...initial], context) => {
  const count = countInput === undefined ? Number.POSITIVE_INFINITY : scalar(asTensor(countInput, 'M'));
  let going = conditionInput === undefined || scalar(asTensor(conditionInput, 'cond')) !== 0;
  let carried: readonly (Value | undefined)[] = initial;
  const collected = context
    .subgraphOutputs('body')
    .slice(1 + initial.length)
    .map((info) => ({ info, parts: [] as TensorValue[] }));
  for (let round = 0; round < count && going; round++) {
    const results = context.runSubgraph('body', [int64([], [round]), bools([], [going]), ...carried]);
    // Without a condition among the inputs, what the body answers is ignored.
    going = conditionInput === undefined || scalar(asTensor(results[0], 'cond')) !== 0;
    carried = results.slice(1, 1 + initial.length);
    for (const [at, { parts }] of collected.entries())
      parts.push(asTensor(results[1 + initial.length + at], 'scan output'));
  }
  return [...carried, ...collected.map(({ info, parts }) => joined(parts, info))];
};

/** Scan outputs along a new first axis; for none, an empty tensor of the declared type. */
function joined(
  parts: readonly TensorValue[],
  info: ReturnType<KernelContext['subgraphOutputs']>[number],
): TensorValue {
  if (parts.length > 0) return stacked(parts, 0);
  const dims = (info.dims ?? []).map((dim) => (typeof dim === 'number' ? dim : 0));
  return tensorValue(info.type ?? 'float32', [0, ...dims]);
}

export const Scan: Kernel = (inputs, context) => {
  const scans = context.int('num_scan_inputs', 0);
  if (context.opset >= 9) {
    return scanned(context, {
      states: inputs.slice(0, inputs.length - scans),
      inputs: inputs.slice(inputs.length - scans).map((input) => asTensor(input)),
      inputAxes: context.ints('scan_input_axes', []),
      inputDirections: context.ints('scan_input_directions', []),
      outputAxes: context.ints('scan_output_axes', []),
      outputDirections: context.ints('scan_output_directions', []),
    });
  }
  return batchedScan(inputs, scans, context);
};

/** Version 8: every input has a leading batch axis, and each sequence of the batch may have a length of its own. */
function batchedScan(inputs: readonly (Value | undefined)[], scans: number, context: KernelContext) {
  const [lengthsInput, ...rest] = inputs;
  const tensors = rest.map((input) => asTensor(input));
  const states = tensors.slice(0, tensors.length - scans);
  const sequences = tensors.slice(tensors.length - scans);
  const [batch, longest] = [sequences[0]?.dims[0], sequences[0]?.dims[1]];
  if (batch === undefined || longest === undefined)
    throw malformed('Expected scan inputs of shape [batch, sequence, …]');
  const lengths = lengthsInput === undefined ? undefined : integers(asTensor(lengthsInput, 'sequence_lens'));
  const results = Array.from({ length: batch }, (_, item) =>
    scanned(context, {
      states: states.map((state) => slice(state, item)),
      inputs: sequences.map((sequence) => slice(sequence, item)),
      inputAxes: [],
      inputDirections: context.ints('directions', []),
      outputAxes: [],
      outputDirections: [],
      length: lengths?.[item],
    }).map((result, at) => (at < states.length ? result : extended(result, longest))),
  );
  return results[0]!.map((_, output) =>
    stacked(
      results.map((result) => result[output]!),
      0,
    ),
  );
}

function slice(tensor: TensorValue, index: number): TensorValue {
  const dims = tensor.dims.slice(1);
  const size = dims.reduce((product, dim) => product * dim, 1);
  return tensorValue(tensor.type, dims, tensor.data.slice(index * size, (index + 1) * size));
}

/** The tensor with zeros after it, to `length` along the first axis. */
function extended(tensor: TensorValue, length: number): TensorValue {
  const whole = tensorValue(tensor.type, tensor.dims.with(0, length));
  for (let at = 0; at < tensor.data.length; at++) (whole.data as Float64Array)[at] = (tensor.data as Float64Array)[at]!;
  return whole;
}
