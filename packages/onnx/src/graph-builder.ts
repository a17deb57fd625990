import { PerceptError, type Tensor } from '@percept/core';
import { irVersionOf } from './graph/ir-version.js';
import type { Attribute, Graph, Model, Node, ValueInfo } from './model.js';

/** What an attribute may be given as, see {@link GraphBuilder.node}. */
export type AttributeInput = number | readonly number[] | string | readonly string[] | Tensor | Attribute;

/** Options of {@link GraphBuilder.node} and {@link GraphBuilder.multi}. */
export interface NodeOptions {
  /** How many outputs there are, named freshly, or their names; `''` leaves one out. Default 1. */
  outputs?: number | readonly string[];
  /** Name of the node. Default: none. */
  name?: string;
  /** Operator domain. Default `''`, the ONNX operators. */
  domain?: string;
}

/**
 * Builds a graph value by value. Every method gives the names of the values it makes, to be handed to the next node:
 *
 * ```ts
 * const g = new GraphBuilder('scale');
 * const x = g.input('x', 'float32', ['N', 4]);
 * g.output(g.node('Mul', [x, g.constant(tensor('float32', [], [2]))], {}, { outputs: ['y'] }), 'float32', ['N', 4]);
 * const model = g.build();
 * ```
 *
 * Names must be unique and used only after they are made (`ONNX_GRAPH_INVALID`), so the nodes are in topological order.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #opsets: Record<string, number>;
  readonly #nodes: Node[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #initializers = new Map<string, Tensor>();
  readonly #values = new Set<string>();
  readonly #nextSuffix = new Map<string, number>();

  constructor(name: string, options: { opset?: number } = {}) {
    this.#name = name;
    this.#opsets = { '': options.opset ?? 17 };
  }

  /** Declares an input of the graph. Sizes that are strings or `undefined` are dynamic. */
  input(name: string, type: Tensor['type'], dims: ValueInfo['dims']): string {
    this.#define(name);
    this.#inputs.push({ name, type, dims, docString: '' });
    return name;
  }

  /** Adds a constant under a name: a weight. Its data is not copied. */
  initializer(name: string, tensor: Tensor): string {
    this.#define(name);
    this.#initializers.set(name, tensor);
    return name;
  }

  /** Adds a constant under a fresh name. Its data is not copied. */
  constant(tensor: Tensor, hint = 'constant'): string {
    return this.initializer(this.freshName(hint), tensor);
  }

  /**
   * Adds a node and gives its first output. An integral number becomes an attribute of type `int` and an array of them
   * `ints`, other numbers `float` and `floats`, a tensor `tensor`; where that is not what the operator wants (`alpha: 1`)
   * give the {@link Attribute}: `{ type: 'float', value: 1 }`. An input of `''` is left out.
   */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    options: NodeOptions = {},
  ): string {
    return this.multi(opType, inputs, attributes, options)[0]!;
  }

  /** Like {@link node}, for nodes of several outputs: gives all their names. */
  multi(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    { outputs = 1, name = '', domain = '' }: NodeOptions = {},
  ): string[] {
    for (const [index, input] of inputs.entries()) {
      if (input !== '' && !this.#values.has(input)) {
        throw new PerceptError(
          'ONNX_GRAPH_INVALID',
          `Expected a value made before for input ${index} of ${opType} but received ${JSON.stringify(input)}`,
        );
      }
    }
    const names =
      typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.#fresh(opType)) : [...outputs];
    for (const output of names) if (output !== '') this.#define(output);
    this.#opsets[domain] ??= 1;
    this.#nodes.push({
      name,
      opType,
      domain,
      inputs: [...inputs],
      outputs: names,
      attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, toAttribute(value)])),
      docString: '',
    });
    return names;
  }

  /** Declares a value as an output of the graph. */
  output(name: string, type: Tensor['type'], dims: ValueInfo['dims']): void {
    if (!this.#values.has(name)) {
      throw new PerceptError(
        'ONNX_GRAPH_INVALID',
        `Expected a value made before for an output but received ${JSON.stringify(name)}`,
      );
    }
    this.#outputs.push({ name, type, dims, docString: '' });
  }

  /** A name that no value has, like `hint_3`. It is not taken until a value is made with it. */
  freshName(hint: string): string {
    return this.#fresh(hint);
  }

  /** The model built so far. `extra` replaces fields: producer, metadata, further opsets. */
  build(extra: Partial<Model> = {}): Model {
    const graph: Graph = {
      name: this.#name,
      nodes: [...this.#nodes],
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      initializers: new Map(this.#initializers),
      valueInfos: [],
      docString: '',
    };
    return {
      irVersion: irVersionOf(this.#opsets['']!),
      opsets: { ...this.#opsets },
      producerName: 'percept',
      producerVersion: '',
      domain: '',
      modelVersion: 0,
      docString: '',
      graph,
      metadata: {},
      ...extra,
    };
  }

  #define(name: string): void {
    if (name === '' || this.#values.has(name)) {
      throw new PerceptError(
        'ONNX_GRAPH_INVALID',
        `Expected a value name that is not taken in graph ${this.#name} but received ${JSON.stringify(name)}`,
      );
    }
    this.#values.add(name);
  }

  #fresh(hint: string): string {
    for (;;) {
      const suffix = this.#nextSuffix.get(hint) ?? 0;
      this.#nextSuffix.set(hint, suffix + 1);
      const name = `${hint}_${suffix}`;
      if (!this.#values.has(name)) return name;
    }
  }
}

/** The attribute that a plain value stands for, see {@link GraphBuilder.node}. */
export function toAttribute(value: AttributeInput): Attribute {
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'int' : 'float', value };
  if (typeof value === 'string') return { type: 'string', value };
  if (isList(value)) {
    if (value.length > 0 && typeof value[0] === 'string') return { type: 'strings', value: [...value] as string[] };
    const numbers = [...value] as number[];
    return { type: numbers.every(Number.isInteger) ? 'ints' : 'floats', value: numbers };
  }
  return 'dims' in value ? { type: 'tensor', value } : value;
}

function isList(value: AttributeInput): value is readonly number[] | readonly string[] {
  return Array.isArray(value);
}
