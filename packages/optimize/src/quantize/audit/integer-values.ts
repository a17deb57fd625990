import type { Graph, Node } from '@percept/onnx';

/** Operators that give out what they were given, in another order or a part of it. */
const moving = new Set([
  ...['MaxPool', 'Flatten', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'Identity', 'Expand', 'Gather'],
  ...[
    'Concat',
    'Pad',
    'Split',
    'Resize',
    'Tile',
    'DepthToSpace',
    'SpaceToDepth',
    'Relu',
    'Clip',
    'Max',
    'Min',
    'Where',
  ],
]);

/** Operators that compute on integers by themselves, of the standard and onnxruntime's own domain. */
const integer =
  /^(QLinear\w+|Q(Gemm|Attention|Moe)|MatMulInteger\w*|ConvInteger|DynamicQuantize(MatMul|LSTM)|MatMulNBits)$/;

/** Whether a kernel computes on integers; `integers` are the values that are known to be some. */
export function isIntegerKernel({ opType, inputs }: Node, integers: ReadonlySet<string>): boolean {
  return integer.test(opType) || (moving.has(opType) && integers.has(inputs[0]!));
}

/** The values of a graph that hold quantized numbers: what QuantizeLinear makes, and what is computed from it as integers. */
export function integerValues(graph: Graph): Set<string> {
  const integers = new Set<string>();
  for (const node of graph.nodes) {
    if (node.opType !== 'QuantizeLinear' && !isIntegerKernel(node, integers)) continue;
    // These give float numbers, whatever they compute on.
    if (/ToFloat$|^DynamicQuantize|^MatMulNBits$/.test(node.opType) || isFloatGemm(node)) continue;
    for (const output of node.outputs) integers.add(output);
  }
  return integers;
}

/** QGemm without a scale for its output gives float numbers. */
function isFloatGemm({ opType, inputs }: Node): boolean {
  return opType === 'QGemm' && (inputs[7] ?? '') === '';
}
