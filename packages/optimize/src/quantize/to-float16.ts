import { float32ToFloat16, PerceptError, parseOptions, type Tensor, tensor } from '@percept/core';
import { type Attribute, cloneModel, type Graph, type Model, type Node, type ValueInfo } from '@percept/onnx';
import { capturedValues, subgraphsOf, type ValueTypes } from '@percept/onnx/graph';
import * as z from 'zod';
import { dropUnreferenced, FreshNames, floatConstant } from '../graph/graph-values.js';
import { hoistConstants, isStandard } from '../graph/simplify.js';
import { typesOf } from './prepare-model.js';

/** Options of {@link toFloat16}. */
export interface ToFloat16Options {
  /** Whether inputs and outputs stay float32 (default), or the names of those that do. */
  readonly keepFloat32?: boolean | readonly string[];
  /** Operators that stay float32, in place of {@link float32Operators}. */
  readonly float32Operators?: readonly string[];
  /** Names of nodes (unnamed: of their outputs) that stay float32, or patterns for them. */
  readonly keep?: readonly (string | RegExp)[];
}

/** A constant of which float16 cannot hold all numbers. */
export interface ClampedConstant {
  readonly name: string;
  /** Numbers beyond ±65504, which became that. */
  readonly tooLarge: number;
  /** Numbers nearer to 0 than 2^-24, which became ±2^-24. */
  readonly tooSmall: number;
}

/** What {@link toFloat16} made. */
export interface Float16Model {
  readonly model: Model;
  /** Constants that lost numbers. Where `tooLarge` is not 0, think of keeping the nodes that read them. */
  readonly clamped: readonly ClampedConstant[];
  /** Names of nodes that compute on float32. */
  readonly float: readonly string[];
}

/** Operators that stay float32 unless told otherwise: those without float16 kernels, or where it loses too much. */
export const float32Operators: readonly string[] = [
  ...['CumSum', 'Max', 'Min', 'NonMaxSuppression', 'RandomUniformLike', 'Range', 'RoiAlign', 'TopK', 'Upsample'],
];

const matches = z.array(z.union([z.string(), z.instanceof(RegExp)]));
const schema = z.strictObject({
  keepFloat32: z.union([z.boolean(), z.array(z.string())]).default(true),
  float32Operators: z.array(z.string()).default([...float32Operators]),
  keep: matches.default([]),
});
type Settings = z.infer<typeof schema>;

/**
 * Half precision: float32 constants and the values between nodes become float16, half the size. Faster where there are
 * kernels for it (GPUs, NPUs, some ARM CPUs); x86 CPUs convert back and forth and are slower.
 *
 * Numbers beyond ±65504 become ±65504, and numbers nearer to 0 than 2^-24 become ±2^-24 (`clamped` counts them): the
 * rules of `onnxruntime.transformers.float16`. Nodes of other domains, nodes that hold graphs and
 * {@link ToFloat16Options.float32Operators} compute on float32 between casts; so do scales of Resize. The model given is
 * not changed.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL` for a model without float32 values; `INVALID_ARGUMENT`
 */
export function toFloat16(model: Model, options: ToFloat16Options = {}): Float16Model {
  const settings = parseOptions(schema, options, 'toFloat16() options');
  const result = cloneModel(model);
  hoistConstants(result.graph);
  const conversion = new HalfConversion(result, settings);
  conversion.run();
  if (conversion.converted === 0) {
    throw new PerceptError(
      'OPTIMIZE_UNSUPPORTED_MODEL',
      `Expected float32 values to make float16 of in graph ${model.graph.name} but received none`,
    );
  }
  dropUnreferenced(result.graph);
  return { model: result, clamped: conversion.clamped, float: conversion.float };
}

/** Inputs that are float32 whatever the others are, by operator. */
const float32Inputs: Readonly<Record<string, readonly number[]>> = { Resize: [2] };
/** Operators with an attribute that names the element type of their output, and whether it is float32 without. */
const typed: Readonly<Record<string, readonly [attribute: string, absentIsFloat: boolean]>> = {
  Cast: ['to', false],
  EyeLike: ['dtype', false],
  Multinomial: ['dtype', false],
  RandomNormal: ['dtype', true],
  RandomNormalLike: ['dtype', false],
  RandomUniform: ['dtype', true],
  Bernoulli: ['dtype', false],
};
const [float32Number, float16Number] = [1, 10];

class HalfConversion {
  readonly clamped: ClampedConstant[] = [];
  readonly float: string[] = [];
  converted = 0;
  readonly #graph: Graph;
  readonly #settings: Settings;
  readonly #types: ValueTypes;
  readonly #names: FreshNames;
  readonly #captured: ReadonlySet<string>;
  readonly #nodes: Node[] = [];
  /** Names of the float32 and of the float16 form of values; one of them at first, the other made on demand. */
  readonly #full = new Map<string, string>();
  readonly #half = new Map<string, string>();

  constructor(model: Model, settings: Settings) {
    this.#graph = model.graph;
    this.#settings = settings;
    this.#types = typesOf(model);
    this.#names = new FreshNames(model.graph);
    this.#captured = new Set(
      this.#graph.nodes.flatMap((node) => subgraphsOf(node).flatMap((body) => [...capturedValues(body)])),
    );
  }

  run(): void {
    const graph = this.#graph;
    for (const input of graph.inputs) this.#input(input);
    for (const node of graph.nodes) {
      if (this.#staysFloat(node)) this.#keep(node);
      else this.#convert(node);
    }
    for (const output of graph.outputs) this.#output(output);
    graph.nodes = this.#nodes;
    // Declared types of inner values would have to be rewritten; runtimes infer them.
    graph.valueInfos = graph.valueInfos.filter((info) => info.type !== 'float32');
  }

  #isFloat(name: string): boolean {
    const type = this.#types.get(name);
    return name !== '' && type?.kind === 'tensor' && type.elementType === 'float32';
  }

  #keepsInterface(name: string): boolean {
    const { keepFloat32 } = this.#settings;
    return typeof keepFloat32 === 'boolean' ? keepFloat32 : keepFloat32.includes(name);
  }

  #input(input: ValueInfo): void {
    if (input.type !== 'float32') return;
    const constant = this.#graph.initializers.has(input.name);
    if (this.#keepsInterface(input.name) || constant || this.#captured.has(input.name)) {
      this.#full.set(input.name, input.name);
      return;
    }
    input.type = 'float16';
    this.#half.set(input.name, input.name);
  }

  #staysFloat(node: Node): boolean {
    const name = node.name || node.outputs[0]!;
    const { keep, float32Operators } = this.#settings;
    if (node.domain !== '' && node.domain !== 'ai.onnx') return true;
    if (float32Operators.includes(node.opType) || subgraphsOf(node).length > 0) return true;
    if (keep.some((match) => (typeof match === 'string' ? match === name : name.search(match) >= 0))) return true;
    return node.inputs.some((input) => input !== '' && !this.#types.has(input) && !this.#graph.initializers.has(input));
  }

  #keep(node: Node): void {
    const values = [...node.inputs, ...node.outputs];
    if (values.some((name) => this.#isFloat(name))) this.float.push(node.name || node.outputs[0]!);
    node.inputs = node.inputs.map((name) => (this.#isFloat(name) ? this.#fullOf(name) : name));
    this.#nodes.push(node);
    for (const name of node.outputs) if (this.#isFloat(name)) this.#full.set(name, name);
  }

  #convert(node: Node): void {
    const fixed = float32Inputs[node.opType] ?? [];
    node.inputs = node.inputs.map((name, index) => {
      if (!this.#isFloat(name)) return name;
      return fixed.includes(index) ? this.#fullOf(name) : this.#halfOf(name);
    });
    this.#convertAttributes(node);
    const outputs = node.outputs.map((name, index) => [name, index] as const).filter(([name]) => this.#isFloat(name));
    this.converted += outputs.length;
    this.#nodes.push(node);
    for (const [name, index] of outputs) {
      // The float32 form keeps the name where a caller or a nested graph asks for it by that.
      const half = this.#mustKeepName(name) ? this.#names.take(`${name}_float16`) : name;
      node.outputs[index] = half;
      this.#half.set(name, half);
      if (this.#captured.has(name)) this.#cast(half, name, float32Number);
    }
  }

  #mustKeepName(name: string): boolean {
    const isOutput = this.#graph.outputs.some((output) => output.name === name);
    return this.#captured.has(name) || (isOutput && this.#keepsInterface(name));
  }

  #convertAttributes(node: Node): void {
    for (const [name, attribute] of Object.entries(node.attributes)) {
      if (attribute.type === 'tensor' && attribute.value.type === 'float32') {
        const value = this.#halved(`${node.name || node.outputs[0]}.${name}`, attribute.value as Tensor<'float32'>);
        node.attributes[name] = { ...attribute, value };
      }
    }
    if (isStandard(node, 'ConstantOfShape') && node.attributes.value === undefined) {
      node.attributes.value = { type: 'tensor', value: tensor('float16', [1]) };
    }
    const [attribute, absentIsFloat] = typed[node.opType] ?? [];
    if (attribute === undefined || !this.#isFloat(node.outputs[0]!)) return;
    const given = node.attributes[attribute];
    const half: Attribute = { type: 'int', value: float16Number };
    if (given?.type === 'int' ? given.value === float32Number : absentIsFloat) node.attributes[attribute] = half;
  }

  #output(output: ValueInfo): void {
    const { name } = output;
    if (!this.#isFloat(name)) return;
    if (this.#keepsInterface(name) || this.#captured.has(name)) {
      if (!this.#full.has(name)) this.#cast(this.#halfOf(name), name, float32Number);
      return;
    }
    output.type = 'float16';
    if (this.#half.get(name) === name) return;
    // Made in float32: that form gives its name away.
    const full = this.#names.take(`${name}_float32`);
    for (const node of this.#nodes) {
      node.inputs = node.inputs.map((input) => (input === name ? full : input));
      node.outputs = node.outputs.map((made) => (made === name ? full : made));
    }
    this.#full.set(name, full);
    this.#cast(full, name, float16Number);
  }

  #fullOf(name: string): string {
    if (this.#graph.initializers.has(name)) return name;
    const known = this.#full.get(name);
    return known ?? this.#cast(this.#half.get(name) ?? name, this.#names.take(`${name}_float32`), float32Number, name);
  }

  #halfOf(name: string): string {
    const known = this.#half.get(name);
    if (known !== undefined) return known;
    const constant = floatConstant(this.#graph, name);
    if (constant === undefined) {
      return this.#cast(this.#full.get(name) ?? name, this.#names.take(`${name}_float16`), float16Number, name);
    }
    const half = this.#names.take(`${name}_float16`);
    this.#graph.initializers.set(half, this.#halved(name, constant));
    this.#half.set(name, half);
    return half;
  }

  #halved(name: string, { dims, data }: Tensor<'float32'>): Tensor<'float16'> {
    const { values, tooLarge, tooSmall } = clampedToHalf(data);
    if (tooLarge + tooSmall > 0) this.clamped.push({ name, tooLarge, tooSmall });
    this.converted++;
    return tensor('float16', dims, values);
  }

  #cast(from: string, to: string, type: number, value = to): string {
    const attributes: Node['attributes'] = { to: { type: 'int', value: type } };
    const name = this.#names.take(`${to}_Cast`);
    this.#nodes.push({ name, opType: 'Cast', domain: '', inputs: [from], outputs: [to], attributes, docString: '' });
    (type === float32Number ? this.#full : this.#half).set(value, to);
    return to;
  }
}

/** The bits of numbers as float16, and how many lay outside what it holds. Infinities and NaN stay what they are. */
function clampedToHalf(data: Float32Array): { values: Uint16Array; tooLarge: number; tooSmall: number } {
  const [largest, smallest] = [65_504, 5.96e-8];
  const values = new Uint16Array(data.length);
  let [tooLarge, tooSmall] = [0, 0];
  for (let at = 0; at < data.length; at++) {
    let value = data[at]!;
    const magnitude = Math.abs(value);
    if (magnitude > largest && magnitude < Number.POSITIVE_INFINITY) {
      value = Math.sign(value) * largest;
      tooLarge++;
    } else if (magnitude > 0 && magnitude < smallest) {
      value = Math.sign(value) * smallest;
      tooSmall++;
    }
    values[at] = float32ToFloat16(value);
  }
  return { values, tooLarge, tooSmall };
}
