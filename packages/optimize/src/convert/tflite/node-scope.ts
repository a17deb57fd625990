import { elementCount, type Tensor, tensor } from '@percept/core';
import type { Node } from '@percept/onnx';
import { type AttributeReader, attributes } from '@percept/onnx/graph';
import { permuteAxes } from './constant-data.js';
import type { Quantization } from './graph.js';
import {
  type ConstantOperand,
  isConstantOperand,
  type Lowering,
  type Operand,
  type Placed,
  refuse,
} from './lowering.js';
import { closestPermutation, type MemoryLayout, permutedLayout, reshapedLayout } from './memory-layout.js';
import type { QuantizedUnit } from './quantized-units.js';
import { type Activation, activations, type BuiltinOperator, type OptionsName, type TfliteType } from './schema.js';

type OptionValues = Readonly<Record<string, number | boolean | readonly number[]>>;

/** Weights with fewer elements are stored as floats even where the model has integers. */
const worthStoringAsIntegers = 1024;

/**
 * One node while it is lowered. On a {@link QuantizedUnit} operands are the int8 integers before their DequantizeLinear,
 * and results the int8 integers of the QuantizeLinear behind; otherwise all is as the node itself has it.
 */
export class NodeScope {
  readonly node: Node;
  readonly attributes: AttributeReader;
  readonly #lowering: Lowering;
  readonly #unit: QuantizedUnit | undefined;

  constructor(lowering: Lowering, node: Node, unit: QuantizedUnit | undefined) {
    this.#lowering = lowering;
    this.node = node;
    this.#unit = unit;
    this.attributes = attributes(node);
  }

  /** The clamp that the operator is to apply to its result. */
  get activation(): Activation {
    return this.#unit?.activation ?? 'NONE';
  }

  /** The number of the clamp in the file. */
  get activationCode(): number {
    return activations[this.activation];
  }

  /** See {@link QuantizedUnit.rescaling}. */
  get rescaling(): number | undefined {
    return this.#unit?.rescaling;
  }

  /** Whether the node computes on integers. */
  get isQuantized(): boolean {
    return this.#unit !== undefined;
  }

  /** Whether the node reads something there. */
  has(index: number): boolean {
    return (this.node.inputs[index] ?? '') !== '';
  }

  /** What the node reads. */
  operand(index: number): Operand {
    const name = this.node.inputs[index] ?? '';
    return this.isQuantized ? this.#lowering.integerOperand(name, this.node) : this.#lowering.operand(name, this.node);
  }

  /** What the node reads, as a value; a constant becomes a tensor of the file. */
  placed(index: number): Placed {
    const operand = this.operand(index);
    if (!isConstantOperand(operand)) return operand;
    const order = [...operand.dims.keys()];
    const made = this.#lowering.arrange(operand, order, this.node.inputs[index]!);
    return { tensor: made, dims: operand.dims, layout: permutedLayout(operand.dims, order) };
  }

  /** The constant that the node reads there, in ONNX's order; `undefined` for anything else. */
  constant(index: number): ConstantOperand | undefined {
    if (!this.has(index)) return undefined;
    const operand = this.operand(index);
    return isConstantOperand(operand) ? operand : undefined;
  }

  /** The numbers of a constant; `undefined` when the node reads nothing there. */
  numbers(index: number, what: string): number[] | undefined {
    if (!this.has(index)) return undefined;
    const found = this.constant(index);
    if (found === undefined)
      this.refuse(`${what} that are computed while it runs`, 'Export the model with fixed sizes');
    return Array.from(found.constant.data as Iterable<number | bigint>, Number);
  }

  /** Sizes of what the node reads, in ONNX. */
  inputDims(index: number): readonly number[] {
    return this.operand(index).dims;
  }

  /** Sizes of what the node makes, in ONNX. */
  outputDims(index = 0): readonly number[] {
    return this.#lowering.dims(this.node.outputs[index]!, this.node);
  }

  /** An axis, counted from the front. */
  axis(given: number, rank: number): number {
    return given < 0 ? given + rank : given;
  }

  /** A tensor with an operand's elements in the order of `permutation` of its ONNX axes. */
  arrange(operand: Operand, permutation: readonly number[], hint = this.#hint()): number {
    return this.#lowering.arrange(operand, permutation, hint);
  }

  /** Whether that moves elements. */
  moves(operand: Operand, permutation: readonly number[]): boolean {
    return this.#lowering.moves(operand, permutation);
  }

  /** The order in which an operand's axes stand, or nearly so where one is scattered. */
  permutation(operand: Operand): number[] {
    if (isConstantOperand(operand)) return [...operand.dims.keys()];
    return this.#lowering.permutation(operand) ?? closestPermutation(operand.layout);
  }

  /** The operand read with other sizes: free, unless an axis would begin in the middle of another. */
  reshaped(operand: Placed, dims: readonly number[]): Placed {
    const layout = reshapedLayout(operand.layout, dims);
    if (layout !== undefined) return { tensor: operand.tensor, dims, layout };
    const plain = this.arrange(operand, [...operand.dims.keys()]);
    const order = [...dims.keys()];
    return { tensor: this.#lowering.reshape(plain, dims), dims, layout: permutedLayout(dims, order) };
  }

  /** Shape of a tensor in the file. */
  shapeOf(tensor: number): readonly number[] {
    return this.#lowering.graph.tensors[tensor]!.shape;
  }

  /** The same elements under another shape of the file. */
  reshape(tensor: number, shape: readonly number[]): number {
    return this.#lowering.reshape(tensor, shape);
  }

  /** Adds a tensor for (a step to) the node's result: of its type, and on integers of its scale. */
  result(shape: readonly number[], { index = 0, type }: { index?: number; type?: TfliteType } = {}): number {
    if (this.#unit !== undefined)
      return this.#lowering.tensor(shape, 'int8', this.#unit.quantize.outputs[0]!, this.#unit.output);
    const name = this.node.outputs[index]!;
    return this.#lowering.tensor(shape, type ?? this.#lowering.type(name, this.node), name);
  }

  /** Adds a tensor like another one but for its shape: what a moving operator makes on the way. */
  like(tensor: number, shape: readonly number[]): number {
    const { type, name, quantization } = this.#lowering.graph.tensors[tensor]!;
    return this.#lowering.tensor(shape, type, `${name}_part`, quantization);
  }

  /** Adds an operator that makes one tensor, `to`, and gives it. */
  emit(
    operator: BuiltinOperator,
    inputs: readonly number[],
    to: number,
    table?: OptionsName,
    values: OptionValues = {},
  ): number {
    this.emitMany(operator, inputs, [to], table, values);
    return to;
  }

  /** Adds an operator. */
  emitMany(
    operator: BuiltinOperator,
    inputs: readonly number[],
    to: readonly number[],
    table?: OptionsName,
    values: OptionValues = {},
  ): void {
    this.#lowering.emit(operator, inputs, to, table === undefined ? undefined : { table, values });
  }

  /** Adds a constant of 32-bit integers: axes, sizes, indices. */
  int32s(values: readonly number[], dims: readonly number[] = [values.length]): number {
    return this.#lowering.constant(tensor('int32', dims, [...values]), `${this.#hint()}_setting`);
  }

  /** Adds a constant. */
  addConstant(value: Tensor, hint: string, quantization?: Quantization): number {
    return this.#lowering.constant(value, hint, quantization);
  }

  /** Adds a float constant without axes. */
  scalar(value: number): number {
    return this.#lowering.constant(tensor('float32', [], [value]), `${this.#hint()}_setting`);
  }

  /**
   * Adds the weight that the node reads, its axes permuted and `reshape`d; on integers with its scales along
   * `channelAxis`, the axis of the output channels in the result.
   */
  weight(index: number, arrange: (value: Tensor) => Tensor, channelAxis: number): number {
    const operand = this.constant(index)!;
    const name = this.node.inputs[index]!;
    const { stored } = operand;
    const isLarge = elementCount(operand.dims) >= worthStoringAsIntegers;
    // Integers stay integers in the file, also where a float kernel reads them.
    if (stored !== undefined && stored.values.type === 'int8' && (this.isQuantized || isLarge)) {
      const values = arrange(stored.values);
      const integers = this.addConstant(values, name, {
        ...stored.quantization,
        axis: stored.quantization.scales.length > 1 ? channelAxis : 0,
      });
      if (this.isQuantized) return integers;
      const float = this.#lowering.tensor(values.dims, 'float32', `${name}_dequantized`);
      return this.emit('DEQUANTIZE', [integers], float, 'DequantizeOptions');
    }
    this.checkFinite(operand.constant);
    return this.addConstant(arrange(operand.constant), name);
  }

  /** Refuses weights with NaN or infinities, whose results nothing could be compared with. */
  checkFinite(value: Tensor): void {
    if (value.type === 'float32' && !(value.data as Float32Array).every(Number.isFinite))
      this.refuse('weights that are not finite numbers', 'Train the model anew, or find what broke its weights');
  }

  /** Says that output `index` is `tensor`, whose axes are `permutation` of the ONNX axes. */
  give(tensor: number, permutation: readonly number[], index = 0): void {
    const dims = this.outputDims(index);
    this.givePlaced({ tensor, dims, layout: permutedLayout(dims, permutation) }, index);
  }

  /** Says that output `index` is `tensor`, which lies like this. */
  giveLayout(tensor: number, layout: MemoryLayout, index = 0): void {
    this.givePlaced({ tensor, dims: this.outputDims(index), layout }, index);
  }

  /** Says where output `index` lies. */
  givePlaced(placed: Placed, index = 0): void {
    this.#lowering.place(this.#unit?.quantize.outputs[0] ?? this.node.outputs[index]!, placed);
  }

  /** Permutes the axes of a constant tensor. */
  permute(value: Tensor, permutation: readonly number[]): Tensor {
    return permuteAxes(value, permutation);
  }

  /** Quantization of a tensor of the file. */
  quantizationOf(tensor: number): Quantization | undefined {
    return this.#lowering.graph.tensors[tensor]!.quantization;
  }

  /** Element type of a tensor of the file. */
  typeOf(tensor: number): TfliteType {
    return this.#lowering.graph.tensors[tensor]!.type;
  }

  /** Refuses the node. */
  refuse(received: string, advice: string): never {
    refuse(this.node, received, advice);
  }

  #hint(): string {
    return this.node.name || this.node.outputs[0]!;
  }
}
