// Goes through an ONNX graph of fixed sizes node by node and makes the TFLite graph. What each operator becomes is told
// in operators/; here is what they share: where every value lies, how it is brought into the order that a kernel needs,
// and how integers and floats are turned into each other.
import { PerceptError, type Tensor, tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { attributes, type ValueTypes } from '@percept/onnx/graph';
import { constant } from '../../graph/graph-values.js';
import { isStandard } from '../../graph/simplify.js';
import { littleEndianBytes, permuteAxes, tfliteType, widened } from './constant-data.js';
import type { OperatorOptions, Quantization, TfliteGraph, TfliteTensor } from './graph.js';
import { type MemoryLayout, memoryOf, movement, permutationOf, permutedLayout } from './memory-layout.js';
import { NodeScope } from './node-scope.js';
import type { OperatorLowering } from './operators/index.js';
import { findQuantizedUnits, type QuantizedUnits } from './quantized-units.js';
import {
  dequantized as dequantizedTensor,
  quantizationOf,
  sameQuantization,
  shiftedToInt8,
} from './quantized-values.js';
import type { BuiltinOperator, TfliteType } from './schema.js';

/** A value of the graph: its tensor, and how its elements stand there. */
export interface Placed {
  readonly tensor: number;
  /** Its shape in ONNX. */
  readonly dims: readonly number[];
  readonly layout: MemoryLayout;
}

/** A constant in ONNX's order; with `quantization` where the model holds it as integers. */
export interface ConstantOperand {
  readonly dims: readonly number[];
  readonly constant: Tensor;
  /** The integers behind a float constant that a DequantizeLinear makes, or behind `constant` itself on integers. */
  readonly stored: { readonly values: Tensor; readonly quantization: Quantization } | undefined;
}

/** What a node reads. */
export type Operand = Placed | ConstantOperand;

/** Whether the operand is a constant. */
export function isConstantOperand(operand: Operand): operand is ConstantOperand {
  return 'constant' in operand;
}

/** A transposition that could not be avoided. */
export interface Transposition {
  /** Name of the tensor that is read. */
  readonly value: string;
  readonly where: 'entrance' | 'interior' | 'exit';
}

/** How images (values of rank 4) enter and leave: with channels last, or as the model itself has them. */
export type ImageLayout = 'NHWC' | 'model';

/** What {@link lower} made. */
export interface Lowered {
  readonly graph: TfliteGraph;
  readonly transpositions: readonly Transposition[];
  /** Nodes of a QDQ model that compute in float, and why. */
  readonly float: readonly { readonly name: string; readonly opType: string; readonly reason: string }[];
}

const largestTransposedRank = 6;
/** N, H, W, C as axes of N, C, H, W. */
const channelsLast = [0, 2, 3, 1] as const;

/** Lowers a graph of fixed sizes, given by `types`, whose constants are folded. */
export function lower(
  source: Graph,
  types: ValueTypes,
  operators: ReadonlyMap<string, OperatorLowering>,
  imageLayout: ImageLayout,
): Lowered {
  return new Lowering(source, types, operators, imageLayout).run();
}

export class Lowering {
  readonly graph: TfliteGraph = { tensors: [], operators: [], inputs: [], outputs: [] };
  readonly #source: Graph;
  readonly #operators: ReadonlyMap<string, OperatorLowering>;
  readonly #imageLayout: ImageLayout;
  readonly #types: ValueTypes;
  readonly #units: QuantizedUnits;
  readonly #values = new Map<string, Placed>();
  /** The node behind values that a DequantizeLinear makes: they become float tensors only when a float kernel reads them. */
  readonly #dequantizeNodes = new Map<string, Node>();
  readonly #constants = new Map<string, ConstantOperand>();
  readonly #arranged = new Map<string, number>();
  readonly #transpositions: Transposition[] = [];
  #where: 'interior' | 'exit' = 'interior';

  constructor(
    source: Graph,
    types: ValueTypes,
    operators: ReadonlyMap<string, OperatorLowering>,
    imageLayout: ImageLayout,
  ) {
    this.#source = source;
    this.#operators = operators;
    this.#imageLayout = imageLayout;
    this.#types = types;
    this.#units = findQuantizedUnits(source);
  }

  run(): Lowered {
    const inner = new Set([...this.#units.units.values()].flatMap((unit) => [unit.quantize, unit.activationNode]));
    for (const input of this.#source.inputs) {
      if (!this.#source.initializers.has(input.name)) this.#input(input.name);
    }
    for (const node of this.#source.nodes) {
      if (inner.has(node)) continue;
      if (isStandard(node, 'DequantizeLinear')) this.#dequantizeLinear(node);
      else if (isStandard(node, 'QuantizeLinear')) this.#quantizeLinear(node);
      else this.#node(node);
    }
    this.#where = 'exit';
    for (const { name } of this.#source.outputs) this.#output(name);
    const float = [...this.#units.float].map(([node, reason]) => ({
      name: node.name || node.outputs[0]!,
      opType: node.opType,
      reason,
    }));
    return { graph: this.graph, transpositions: this.#transpositions, float };
  }

  /** Sizes of a value in ONNX. */
  dims(name: string, node: Node): readonly number[] {
    const type = this.#types.get(name);
    const dims = type?.kind === 'tensor' ? type.dims : undefined;
    if (dims?.every((dim) => typeof dim === 'number' && dim > 0)) return dims as number[];
    throw new PerceptError(
      'OPTIMIZE_TFLITE_DYNAMIC_SHAPE',
      `Expected known sizes above 0 for ${name} of ${describe(node)} but received ${dims === undefined ? 'none' : `[${dims.map((dim) => dim ?? '?')}]`}. Fix the sizes of the inputs with batch or inputDims; a size that depends on the data has no place in a TFLite file`,
      { details: { node: node.name, opType: node.opType, value: name } },
    );
  }

  /** The element type that a value has in the file. */
  type(name: string, node: Node): TfliteType {
    const type = this.#types.get(name);
    const element = type?.kind === 'tensor' ? type.elementType : undefined;
    const found = tfliteType(element);
    if (found === undefined) refuse(node, `elements of type ${element ?? 'unknown'}`, 'Export the model in float32');
    return found;
  }

  /** What a node reads, in float (or as it is, where it is not quantized). */
  operand(name: string, node: Node): Operand {
    const known = this.#constantOperand(name);
    if (known !== undefined) return known;
    const placed = this.#values.get(name) ?? this.#dequantize(name);
    if (placed === undefined)
      refuse(node, `${name || 'a left-out value'}, which no node of the main graph makes`, 'Simplify the model first');
    return placed;
  }

  /** What a node reads, as the int8 integers before its DequantizeLinear. */
  integerOperand(name: string, node: Node): Operand {
    const from = this.#dequantizeNodes.get(name);
    if (from === undefined) return this.operand(name, node);
    const known = this.#constantOperand(name);
    if (known?.stored !== undefined) return { ...known, constant: known.stored.values };
    return this.#values.get(from.inputs[0]!)!;
  }

  /** Adds a tensor without data. */
  tensor(shape: readonly number[], type: TfliteType, name: string, quantization?: Quantization): number {
    return this.#add({ name, shape: [...shape], type, data: undefined, quantization });
  }

  /** Adds a constant. */
  constant(value: Tensor, name: string, quantization?: Quantization): number {
    const type = tfliteType(value.type)!;
    return this.#add({ name, shape: [...value.dims], type, data: littleEndianBytes(value), quantization });
  }

  /** Adds an operator. */
  emit(
    operator: BuiltinOperator,
    inputs: readonly number[],
    outputs: readonly number[],
    options?: OperatorOptions,
  ): void {
    this.graph.operators.push({ operator, inputs: [...inputs], outputs: [...outputs], options });
  }

  /** A tensor with the operand's elements in the order of `permutation` of its ONNX axes, moved only if it must be. */
  arrange(operand: Operand, permutation: readonly number[], name: string): number {
    if (isConstantOperand(operand)) {
      return this.constant(
        permuteAxes(operand.constant, permutation),
        name,
        operand.stored?.values === operand.constant ? operand.stored.quantization : undefined,
      );
    }
    const shape = permutation.map((axis) => operand.dims[axis]!);
    const memory = memoryOf(operand.layout.axes, permutation);
    if (isSame(memory, operand.layout.memory)) return this.reshape(operand.tensor, shape);
    const key = `${operand.tensor}:${JSON.stringify(operand.layout)}>${memory}:${shape}`;
    const known = this.#arranged.get(key);
    if (known !== undefined) return known;
    const made = this.#transpose(operand, permutation, memory, shape);
    this.#arranged.set(key, made);
    return made;
  }

  /** Whether bringing the operand into an order moves elements. */
  moves(operand: Operand, permutation: readonly number[]): boolean {
    if (isConstantOperand(operand)) return false;
    return !isSame(memoryOf(operand.layout.axes, permutation), operand.layout.memory);
  }

  /** The order in which a value's axes stand, as its tensor has them; `undefined` where an axis is scattered. */
  permutation(operand: Placed): number[] | undefined {
    const { shape } = this.graph.tensors[operand.tensor]!;
    // Axes of size 1 can be said to stand anywhere: where the tensor has them is best.
    if (
      operand.dims.length === 4 &&
      !this.moves(operand, channelsLast) &&
      isSame(
        shape,
        channelsLast.map((axis) => operand.dims[axis]!),
      )
    )
      return [...channelsLast];
    return permutationOf(operand.layout);
  }

  /** The same elements under another shape. */
  reshape(from: number, shape: readonly number[]): number {
    const source = this.graph.tensors[from]!;
    if (isSame(source.shape, shape)) return from;
    const key = `${from}=${shape}`;
    const known = this.#arranged.get(key);
    if (known !== undefined) return known;
    const to = this.tensor(shape, source.type, `${source.name}_reshaped`, source.quantization);
    const shapeConstant = this.constant(tensor('int32', [shape.length], [...shape]), 'shape');
    this.emit('RESHAPE', [from, shapeConstant], [to], { table: 'ReshapeOptions', values: { newShape: [...shape] } });
    this.#arranged.set(key, to);
    return to;
  }

  /** Says where a value of the ONNX graph lies. */
  place(name: string, placed: Placed): void {
    this.#values.set(name, placed);
  }

  #add(made: TfliteTensor): number {
    this.graph.tensors.push(made);
    return this.graph.tensors.length - 1;
  }

  #transpose(operand: Placed, permutation: readonly number[], memory: readonly number[], shape: number[]): number {
    const source = this.graph.tensors[operand.tensor]!;
    const where = this.graph.inputs.includes(operand.tensor) ? 'entrance' : this.#where;
    this.#transpositions.push({ value: source.name, where });
    const now = this.permutation(operand);
    const direct =
      now !== undefined &&
      isSame(
        source.shape,
        now.map((axis) => operand.dims[axis]!),
      );
    if (direct && shape.length <= largestTransposedRank) {
      return this.#emitTranspose(
        operand.tensor,
        permutation.map((axis) => now.indexOf(axis)),
      );
    }
    const moved = movement(operand.layout, memory);
    return this.reshape(this.#emitTranspose(this.reshape(operand.tensor, moved.shape), moved.permutation), shape);
  }

  #emitTranspose(from: number, permutation: readonly number[]): number {
    const source = this.graph.tensors[from]!;
    const shape = permutation.map((axis) => source.shape[axis]!);
    const to = this.tensor(shape, source.type, `${source.name}_transposed`, source.quantization);
    const order = this.constant(tensor('int32', [permutation.length], [...permutation]), 'permutation');
    this.emit('TRANSPOSE', [from, order], [to], { table: 'TransposeOptions', values: {} });
    return to;
  }

  #input(name: string): void {
    const info = this.#source.inputs.find((input) => input.name === name)!;
    const dims = info.dims as number[];
    const type = tfliteType(info.type);
    if (type === undefined) {
      throw new PerceptError(
        'OPTIMIZE_TFLITE_UNSUPPORTED',
        `Expected an input of a type that TFLite has but received ${name} of type ${info.type ?? 'unknown'}. Export the model with float32 inputs`,
        { details: { input: name } },
      );
    }
    const permutation = this.#outerPermutation(name, dims);
    const given = this.tensor(
      permutation.map((axis) => dims[axis]!),
      type,
      name,
    );
    this.graph.inputs.push(given);
    let placed: Placed = { tensor: given, dims, layout: permutedLayout(dims, permutation) };
    if (dims.length === 4 && permutation[1] === 1 && !this.#isChannelsLast(name)) {
      placed = {
        ...placed,
        tensor: this.arrange(placed, channelsLast, name),
        layout: permutedLayout(dims, channelsLast),
      };
    }
    this.#values.set(name, placed);
  }

  /** The order in which an input or output shows its axes. */
  #outerPermutation(name: string, dims: readonly number[]): readonly number[] {
    const isImage = dims.length === 4 && this.#imageLayout === 'NHWC' && !this.#isChannelsLast(name);
    return isImage ? channelsLast : [...dims.keys()];
  }

  /** Whether the model itself has an input or output with channels last, and transposes it inside. */
  #isChannelsLast(name: string): boolean {
    const isTranspose = (node: Node, order: string) =>
      isStandard(node, 'Transpose') && String(attributes(node).ints('perm', [])) === order;
    const readers = this.#source.nodes.filter(({ inputs }) => inputs.includes(name));
    const producer = this.#source.nodes.find(({ outputs }) => outputs.includes(name));
    if (producer !== undefined) return isTranspose(producer, '0,2,3,1');
    return readers.length > 0 && readers.every((node) => isTranspose(node, '0,3,1,2'));
  }

  #output(name: string): void {
    const node = { name, opType: 'output', inputs: [], outputs: [] } as unknown as Node;
    const operand = this.operand(name, node);
    const { dims } = operand;
    let index = this.arrange(operand, this.#outerPermutation(name, dims), name);
    // An output is a tensor of its own: no input, no constant, and no other output.
    const isTaken = this.graph.inputs.includes(index) || this.graph.outputs.includes(index);
    if (isTaken || this.graph.tensors[index]!.data !== undefined) {
      const source = this.graph.tensors[index]!;
      const copy = this.tensor(source.shape, source.type, name, source.quantization);
      const shape = this.constant(tensor('int32', [source.shape.length], [...source.shape]), 'shape');
      this.emit('RESHAPE', [index, shape], [copy], { table: 'ReshapeOptions', values: { newShape: source.shape } });
      index = copy;
    }
    this.graph.tensors[index]!.name = name;
    this.graph.outputs.push(index);
  }

  #node(node: Node): void {
    const handler = node.domain === '' || node.domain === 'ai.onnx' ? this.#operators.get(node.opType) : undefined;
    if (handler === undefined) {
      refuse(
        node,
        'no counterpart in TFLite here',
        'Replace the operator when exporting, or cut the model before it and compute the rest in the program',
      );
    }
    const unit = this.#units.units.get(node);
    handler(new NodeScope(this, node, unit));
  }

  #constantOperand(name: string): ConstantOperand | undefined {
    const known = this.#constants.get(name);
    if (known !== undefined) return known;
    const value = constant(this.#source, name);
    if (value === undefined) return undefined;
    const operand: ConstantOperand = { dims: value.dims, constant: widened(value), stored: undefined };
    this.#constants.set(name, operand);
    return operand;
  }

  #dequantizeLinear(node: Node): void {
    const output = node.outputs[0]!;
    const values = constant(this.#source, node.inputs[0]);
    const found = quantizationOf(this.#source, node, values);
    if (found === undefined) {
      refuse(
        node,
        'integers of 8 bits (32 for biases) with constant parameters per tensor or channel as the only ones that it can convert',
        'Quantize the model with quantizeStatic()',
      );
    }
    this.#dequantizeNodes.set(output, node);
    if (values === undefined) return;
    const stored = { values: shiftedToInt8(values), quantization: found.quantization };
    this.#constants.set(output, {
      dims: values.dims,
      constant: dequantizedTensor(stored.values, found.quantization),
      stored,
    });
  }

  /** The float tensor of a value that a DequantizeLinear makes. */
  #dequantize(name: string): Placed | undefined {
    const node = this.#dequantizeNodes.get(name);
    const integers = node && this.#values.get(node.inputs[0]!);
    if (node === undefined || integers === undefined) return undefined;
    const source = this.graph.tensors[integers.tensor]!;
    let float = this.tensor(source.shape, 'float32', name);
    this.emit('DEQUANTIZE', [integers.tensor], [float], { table: 'DequantizeOptions', values: {} });
    const read = quantizationOf(this.#source, node, undefined)!.quantization;
    const made = source.quantization!;
    if (!sameQuantization(read, made)) float = this.#readOtherwise(float, made, read, name);
    const placed = { ...integers, tensor: float };
    this.#values.set(name, placed);
    return placed;
  }

  /** The integers before a DequantizeLinear that reads them as they were made. */
  #integersAsMade(name: string): Placed | undefined {
    const node = this.#dequantizeNodes.get(name);
    const integers = node && this.#values.get(node.inputs[0]!);
    if (node === undefined || integers === undefined) return undefined;
    const read = quantizationOf(this.#source, node, undefined)!.quantization;
    return sameQuantization(read, this.graph.tensors[integers.tensor]!.quantization!) ? integers : undefined;
  }

  /** Integers read with other parameters than they were made with: `s'·(q − z') = (s'/s)·real + s'·(z − z')`. */
  #readOtherwise(float: number, made: Quantization, read: Quantization, name: string): number {
    const { shape } = this.graph.tensors[float]!;
    const scalar = (value: number) => this.constant(tensor('float32', [], [value]), `${name}_setting`);
    const scaled = this.tensor(shape, 'float32', `${name}_scaled`);
    const factor = read.scales[0]! / made.scales[0]!;
    this.emit('MUL', [float, scalar(factor)], [scaled], { table: 'MulOptions', values: {} });
    const offset = read.scales[0]! * (made.zeroPoints[0]! - read.zeroPoints[0]!);
    if (offset === 0) return scaled;
    const moved = this.tensor(shape, 'float32', `${name}_moved`);
    this.emit('ADD', [scaled, scalar(offset)], [moved], { table: 'AddOptions', values: {} });
    return moved;
  }

  #quantizeLinear(node: Node): void {
    const found = quantizationOf(this.#source, node, undefined);
    if (found === undefined || found.type === 'int32' || found.quantization.scales.length > 1) {
      refuse(
        node,
        'activations of 8 bits with one constant scale as the only ones that it can convert',
        'Quantize the model with quantizeStatic()',
      );
    }
    const { quantization } = found;
    const operand = this.#integersAsMade(node.inputs[0]!) ?? this.operand(node.inputs[0]!, node);
    if (isConstantOperand(operand))
      refuse(node, 'a constant, which should have been folded', 'Simplify the model first');
    const source = this.graph.tensors[operand.tensor]!;
    if (source.quantization !== undefined && sameQuantization(source.quantization, quantization)) {
      this.#values.set(node.outputs[0]!, operand);
      return;
    }
    const to = this.tensor(source.shape, 'int8', node.outputs[0]!, quantization);
    this.emit('QUANTIZE', [operand.tensor], [to], { table: 'QuantizeOptions', values: {} });
    this.#values.set(node.outputs[0]!, { ...operand, tensor: to });
  }
}

/** Refuses a node that cannot be converted. */
export function refuse(node: Node, received: string, advice: string): never {
  throw new PerceptError(
    'OPTIMIZE_TFLITE_UNSUPPORTED',
    `Expected an operator that TFLite has, in a form that it has, but ${describe(node)} has ${received}. ${advice}`,
    { details: { node: node.name, opType: node.opType, domain: node.domain, output: node.outputs[0] } },
  );
}

function describe(node: Node): string {
  const operator = node.domain ? `${node.domain}.${node.opType}` : node.opType;
  return `node ${node.name || node.outputs[0] || ''} (${operator})`;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
