import type { Attribute } from '../model.js';
import type { ElementType } from './element-type.js';
import { malformed } from './interpreter-errors.js';
import type { KernelContext, Precision, SubgraphOutput } from './kernel.js';
import { elementTypeOf, fromSparse, toValue } from './model-value.js';
import type { Step } from './program.js';
import { asTensor, type TensorValue, type Value } from './value.js';

/** Computes the graph of an attribute with its inputs. */
export type RunSubgraph = (attribute: string, inputs: readonly (Value | undefined)[]) => readonly Value[];

type AttributeOf<Type extends Attribute['type']> = Extract<Attribute, { type: Type }>['value'];

/** What a kernel is told of its node. */
export class NodeContext implements KernelContext {
  readonly #step: Step;
  readonly precision: Precision;
  readonly runSubgraph: RunSubgraph;

  constructor(step: Step, precision: Precision, runSubgraph: RunSubgraph) {
    this.#step = step;
    this.precision = precision;
    this.runSubgraph = runSubgraph;
  }

  get opType(): string {
    return this.#step.node.opType;
  }

  get name(): string {
    return this.#step.node.name || (this.#step.node.outputs[0] ?? '');
  }

  get domain(): string {
    return this.#step.node.domain;
  }

  get opset(): number {
    return this.#step.opset;
  }

  get outputCount(): number {
    return this.#step.node.outputs.length;
  }

  wants(index: number): boolean {
    return (this.#step.node.outputs[index] ?? '') !== '';
  }

  has(name: string): boolean {
    return this.#step.node.attributes[name] !== undefined;
  }

  int(name: string): number | undefined;
  int(name: string, fallback: number): number;
  int(name: string, fallback?: number): number | undefined {
    return this.#get(name, 'int') ?? fallback;
  }

  float(name: string): number | undefined;
  float(name: string, fallback: number): number;
  float(name: string, fallback?: number): number | undefined {
    return this.#get(name, 'float') ?? fallback;
  }

  string(name: string): string | undefined;
  string(name: string, fallback: string): string;
  string(name: string, fallback?: string): string | undefined {
    return this.#get(name, 'string') ?? fallback;
  }

  ints(name: string): readonly number[] | undefined;
  ints(name: string, fallback: readonly number[]): readonly number[];
  ints(name: string, fallback?: readonly number[]): readonly number[] | undefined {
    return this.#get(name, 'ints') ?? fallback;
  }

  bigints(name: string): readonly bigint[] | undefined {
    const attribute = this.#step.node.attributes[name];
    if (attribute?.type === 'int') return [exactInt(attribute.value, attribute.exact)];
    const values = this.#get(name, 'ints');
    const exact = attribute?.type === 'ints' ? attribute.exact : undefined;
    return values?.map((value, at) => exactInt(value, exact?.[at]));
  }

  floats(name: string): readonly number[] | undefined {
    return this.#get(name, 'floats');
  }

  strings(name: string): readonly string[] | undefined {
    return this.#get(name, 'strings');
  }

  tensor(name: string): TensorValue | undefined {
    const attribute = this.#step.node.attributes[name];
    if (attribute?.type === 'rawTensor') return asTensor(toValue(attribute.value, this.precision));
    if (attribute?.type === 'sparseTensor') return asTensor(fromSparse(attribute.value, this.precision));
    const tensor = this.#get(name, 'tensor');
    return tensor && asTensor(toValue(tensor, this.precision));
  }

  elementType(dataType: number): ElementType {
    return elementTypeOf(dataType, this.precision);
  }

  subgraphOutputs(attribute: string): readonly SubgraphOutput[] {
    return this.#step.graphs.get(attribute)?.outputTypes ?? [];
  }

  #get<Type extends Attribute['type']>(name: string, type: Type): AttributeOf<Type> | undefined {
    const attribute: Attribute | undefined = this.#step.node.attributes[name];
    if (attribute === undefined) return undefined;
    if (attribute.type !== type)
      throw malformed(`Expected ${type} for attribute ${name} but received ${attribute.type}`);
    return attribute.value as AttributeOf<Type> | undefined;
  }
}

/** An integer of the file: `exact` counts while the number is its nearest. */
function exactInt(value: number, exact: bigint | undefined): bigint {
  return exact !== undefined && Number(exact) === value ? exact : BigInt(value);
}
