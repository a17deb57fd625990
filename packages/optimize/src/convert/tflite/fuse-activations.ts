import type { TfliteGraph } from './graph.js';
import { activations, type BuiltinOperator } from './schema.js';

/** Operators that can clamp their own result. */
const clamping: ReadonlySet<BuiltinOperator> = new Set([
  'ADD',
  'AVERAGE_POOL_2D',
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'DIV',
  'FULLY_CONNECTED',
  'MAX_POOL_2D',
  'MUL',
  'SUB',
]);

/** Makes a clamp of float values part of the operator before it, where nothing else reads what that makes. */
export function fuseActivations(graph: TfliteGraph): void {
  const makers = new Map(graph.operators.flatMap((operator) => operator.outputs.map((output) => [output, operator])));
  const reads = new Map<number, number>();
  for (const { inputs } of graph.operators) for (const input of inputs) reads.set(input, (reads.get(input) ?? 0) + 1);
  graph.operators = graph.operators.filter(({ operator, inputs, outputs }) => {
    if (operator !== 'RELU' && operator !== 'RELU6' && operator !== 'RELU_N1_TO_1') return true;
    const from = inputs[0]!;
    const maker = makers.get(from);
    if (maker === undefined || !clamping.has(maker.operator) || reads.get(from) !== 1 || graph.outputs.includes(from))
      return true;
    const { options } = maker;
    // Integer kernels have the scale of their result, and those on int32 and int64 know no clamp.
    const isFloat = graph.tensors[from]!.type === 'float32';
    if (!isFloat || options === undefined || (options.values.activation ?? activations.NONE) !== activations.NONE)
      return true;
    maker.options = { ...options, values: { ...options.values, activation: activations[operator] } };
    maker.outputs = outputs;
    makers.set(outputs[0]!, maker);
    return false;
  });
}
