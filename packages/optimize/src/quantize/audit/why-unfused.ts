// The conditions under which onnxruntime's CPU provider fuses an operator between DequantizeLinear and QuantizeLinear into
// an integer kernel (its QDQ selectors), asked one by one of a node that it left alone.
import type { Graph, Node } from '@percept/onnx';
import { constant, floatConstant, outputNames, producersOf, readersOf } from '../../graph/graph-values.js';
import { isStandard } from '../../graph/simplify.js';

const weighted = ['Conv', 'Gemm', 'MatMul'];
/** Gives float numbers from an integer kernel, where nobody quantizes them. */
const mayEndFloat = ['Gemm', 'MatMul'];
/** What has an integer kernel besides the weighted operators. */
const fusing = [
  ...['Add', 'Mul', 'Concat', 'AveragePool', 'GlobalAveragePool', 'LeakyRelu', 'Sigmoid', 'Softmax', 'Where'],
  ...[
    'MaxPool',
    'Flatten',
    'Reshape',
    'Transpose',
    'Squeeze',
    'Unsqueeze',
    'Slice',
    'Split',
    'Resize',
    'Pad',
    'Gather',
  ],
];

/** Looks at a graph as the selectors do. */
export class FusionRules {
  readonly #graph: Graph;
  readonly #producers: ReadonlyMap<string, Node>;
  readonly #readers: ReadonlyMap<string, readonly Node[]>;
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#producers = producersOf(graph);
    this.#readers = readersOf(graph);
    this.#outputs = outputNames(graph);
  }

  /** Whether a node reads dequantized values, has a quantized weight, or is quantized afterwards. */
  touchesQuantization(node: Node): boolean {
    return (
      node.inputs.some((name) => this.#dequantizer(name) !== undefined) ||
      this.#readersOf(node).some((reader) => isStandard(reader, 'QuantizeLinear'))
    );
  }

  /** Why a node that touches quantization is left in float. */
  whyUnfused(node: Node): string {
    if (![...weighted, ...fusing].includes(node.opType)) return `there is no integer kernel for ${node.opType}`;
    return this.#whyInputs(node) ?? this.#whyOutput(node) ?? 'no rule of the runtime that is known here explains it';
  }

  #whyInputs(node: Node): string | undefined {
    const roles = weighted.includes(node.opType)
      ? ['input', 'weight', 'bias']
      : node.inputs.map((_, at) => `input ${at}`);
    for (const [at, role] of roles.entries()) {
      const name = node.inputs[at] ?? '';
      if (name === '' || (!carriesNumbers(node) && at > 0)) continue;
      const dequantizer = this.#dequantizer(name);
      if (dequantizer === undefined) return this.#whyNotQuantized(role, name);
      const type = this.#storedType(dequantizer);
      if (role === 'bias' && type !== 'int32') return `its bias is ${type} instead of int32`;
      if (role === 'bias' && !this.#biasFits(node, dequantizer))
        return `its bias is not stored in units of the scale of its input times that of its weight`;
      if (role !== 'bias' && role !== 'weight' && type === 'int8')
        return `its ${role} ${name} is int8: on x64 the runtime computes with uint8 activations only`;
    }
    return undefined;
  }

  /** Integer kernels add the bias to sums of products, so that it must have their scale. */
  #biasFits({ inputs }: Node, bias: Node): boolean {
    const scales = [inputs[0]!, inputs[1]!].map((name) => this.#scale(this.#dequantizer(name)));
    const [input, weight] = scales;
    const stored = this.#scale(bias);
    if (input === undefined || weight === undefined || stored === undefined) return true;
    return stored.every((scale, channel) => {
      const product = input[0]! * (weight[channel] ?? weight[0]!);
      return Math.abs(scale - product) <= 1e-5 * product;
    });
  }

  #scale(dequantizer: Node | undefined): Float32Array | undefined {
    return floatConstant(this.#graph, dequantizer?.inputs[1])?.data;
  }

  #whyNotQuantized(role: string, name: string): string {
    const producer = this.#producers.get(name);
    if (producer === undefined) return `its ${role} ${name} is not quantized`;
    const [before] = producer.inputs;
    const hidden = before !== undefined && this.#dequantizer(before) !== undefined && isStandard(producer, 'Identity');
    return hidden
      ? `its ${role} comes through ${producer.name || 'an Identity'}, which hides that it is quantized: give the node its own`
      : `its ${role} ${name} is not quantized: ${producer.opType}${producer.name === '' ? '' : ` ${producer.name}`} gives float numbers`;
  }

  #whyOutput(node: Node): string | undefined {
    const output = node.outputs[0]!;
    if (this.#outputs.has(output) && !mayEndFloat.includes(node.opType))
      return `its output ${output} is an output of the model`;
    const readers = this.#readersOf(node);
    const quantizers = readers.filter((reader) => isStandard(reader, 'QuantizeLinear'));
    if (quantizers.length === 0) {
      if (mayEndFloat.includes(node.opType)) return undefined;
      return `its output ${output} is not quantized: ${readers.map(({ opType }) => opType).join(', ') || 'nobody'} reads it as float`;
    }
    const others = readers.filter((reader) => !quantizers.includes(reader));
    if (others.length > 0)
      return `its output ${output} is also read as float, by ${others.map(({ opType }) => opType).join(', ')}`;
    if (quantizers.length > 1) return `its output ${output} is quantized ${quantizers.length} times`;
    return undefined;
  }

  #readersOf(node: Node): Node[] {
    return node.outputs.flatMap((output) => this.#readers.get(output) ?? []);
  }

  #dequantizer(name: string): Node | undefined {
    const producer = this.#producers.get(name);
    return producer !== undefined && isStandard(producer, 'DequantizeLinear') ? producer : undefined;
  }

  /** Type of the quantized numbers, as their zero point has it. */
  #storedType({ inputs }: Node): string {
    return (constant(this.#graph, inputs[2]) ?? constant(this.#graph, inputs[0]))?.type ?? 'uint8';
  }
}

/** Whether all inputs of a node are numbers to compute with, rather than shapes, axes and limits after the first. */
function carriesNumbers({ opType }: Node): boolean {
  return [...weighted, 'Add', 'Mul', 'Concat', 'Where'].includes(opType);
}
