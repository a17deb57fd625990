// Finds the types of all values by going through the nodes in topological order. Per node: a function of the model is
// gone into; otherwise the operator's schema gives element types and its shape rule (shapes/) sizes. Where something is
// not known, what follows from it is not known either; nothing is guessed. Contents of small integer tensors are followed
// (shapes/contents.ts), so that computed shapes are known. Two things said of one value that cannot both hold are refused.

import { elementCount, PerceptError, type Tensor } from '@percept/core';
import type { ElementType } from '../element-types.js';
import { functionBody } from '../interpreter/function-body.js';
import type { Dimension, Graph, Model, ModelFunction, Node, ValueInfo } from '../model.js';
import type { RawTensor, SparseTensor } from '../model-tensors.js';
import type { TypeProto } from '../model-types.js';
import { topologicalSort } from '../topological-sort.js';
import { attributes } from './attributes.js';
import { constantOf } from './constant-node.js';
import { describeNode } from './describe-node.js';
import { interpretNode } from './evaluate-constants.js';
import { operatorSchema } from './operator-schema.js';
import { schemaOutputType } from './schema-types.js';
import { subgraphsOf } from './scope.js';
import { contentRules } from './shapes/contents.js';
import { shapeRules } from './shapes/rules.js';
import type { InferredOutput, ShapeContext } from './shapes/shape-rule.js';
import { mergeTypes, TypeConflict } from './shapes/value-type.js';

/** Options of `inferTypes` and `inferShapes`. */
export interface InferenceOptions {
  /**
   * Sizes of inputs by name, in place of those that the model declares; a symbolic dimension that gets a number here has
   * it everywhere.
   */
  inputDims?: Readonly<Record<string, readonly Dimension[]>>;
}

/** Types of the values of a graph by name. */
export type ValueTypes = ReadonlyMap<string, TypeProto>;

/** The types of the values of a model: those of its main graph, and of each graph nested in it. */
export interface ModelTypes {
  /** Of the main graph. */
  readonly values: ValueTypes;
  /** Of any graph of the model, as found when it was last gone into. */
  of(graph: Graph): ValueTypes;
  /** The body of the function of the model that a node calls, as it was gone into for that node. */
  called(node: Node): Graph | undefined;
  /** Elements of small integer tensors of a graph by name, as far as they are known; a string is a symbolic dimension. */
  contentsOf(graph: Graph): ReadonlyMap<string, readonly Dimension[]>;
}

/**
 * Infers element types and shapes of all values. Values of which nothing is known are missing from the result.
 *
 * @throws PerceptError `ONNX_SHAPE_INVALID` when shapes contradict each other, an operator's rules or what the model
 *   declares; `ONNX_GRAPH_INVALID` for a cycle; `ONNX_ATTRIBUTE_INVALID`
 */
export function inferTypes(model: Model, { inputDims = {} }: InferenceOptions = {}): ModelTypes {
  const inference = new Inference(model, inputDims);
  const values = inference.graph(model.graph, undefined, [], model.opsets);
  return {
    values,
    of: (graph) => inference.byGraph.get(graph)?.types ?? new Map(),
    called: (node) => inference.bodies.get(node),
    contentsOf: (graph) => inference.byGraph.get(graph)?.contents ?? new Map(),
  };
}

/** What is known inside one graph; names that it does not define are looked up outside. */
class Scope {
  readonly types = new Map<string, TypeProto>();
  readonly contents = new Map<string, readonly Dimension[]>();
  readonly constants = new Map<string, Tensor>();

  constructor(
    readonly outer: Scope | undefined,
    readonly own: ReadonlySet<string>,
  ) {}

  type(name: string): TypeProto | undefined {
    return this.own.has(name) ? this.types.get(name) : this.outer?.type(name);
  }

  content(name: string): readonly Dimension[] | undefined {
    return this.own.has(name) ? this.contents.get(name) : this.outer?.content(name);
  }

  constant(name: string): Tensor | undefined {
    return this.own.has(name) ? this.constants.get(name) : this.outer?.constant(name);
  }
}

/** Operators that may give other values each time. */
const unpredictable = new Set(['Bernoulli', 'Dropout', 'Multinomial', 'RandomNormalLike', 'RandomUniformLike']);

/** Longer tensors are not followed as shapes. */
const longestShape = 1024;

class Inference {
  readonly byGraph = new Map<Graph, Scope>();
  readonly bodies = new Map<Node, Graph>();
  readonly #model: Model;
  readonly #inputDims: Readonly<Record<string, readonly Dimension[]>>;
  readonly #symbols = new Map<string, Dimension>();
  readonly #functions: ReadonlyMap<string, ModelFunction>;

  constructor(model: Model, inputDims: Readonly<Record<string, readonly Dimension[]>>) {
    this.#model = model;
    this.#inputDims = inputDims;
    this.#functions = new Map(
      (model.functions ?? []).map((item) => [functionKey(item.domain, item.name, item.overload), item]),
    );
    this.#bindSymbols();
  }

  graph(
    graph: Graph,
    outer: Scope | undefined,
    inputs: readonly (TypeProto | undefined)[],
    opsets: Readonly<Record<string, number>>,
    contents: readonly (readonly Dimension[] | undefined)[] = [],
  ): ReadonlyMap<string, TypeProto> {
    const own = new Set([
      ...graph.inputs.map(({ name }) => name),
      ...graph.initializers.keys(),
      ...(graph.rawInitializers?.keys() ?? []),
      ...(graph.sparseInitializers?.keys() ?? []),
      ...graph.nodes.flatMap(({ outputs }) => outputs),
    ]);
    const scope = new Scope(outer, own);
    const declared = new Map<string, TypeProto>();
    for (const info of [...graph.valueInfos, ...graph.outputs]) {
      const type = this.#declaredType(info);
      if (type !== undefined)
        declared.set(info.name, this.#merge(info.name, undefined, declared.get(info.name), type)!);
    }
    for (const [index, info] of graph.inputs.entries()) {
      const isMain = graph === this.#model.graph;
      const fixed = isMain && Object.hasOwn(this.#inputDims, info.name) ? this.#inputDims[info.name] : undefined;
      const type = this.#merge(
        info.name,
        undefined,
        fixed ? withDims(this.#declaredType(info), fixed) : this.#declaredType(info),
        inputs[index],
      );
      if (type !== undefined) scope.types.set(info.name, type);
      const content = contents[index];
      if (content !== undefined) scope.contents.set(info.name, content);
    }
    this.#constants(graph, scope);
    for (const node of topologicalSort(graph)) this.#node(node, scope, declared, opsets);
    this.byGraph.set(graph, scope);
    return scope.types;
  }

  #node(
    node: Node,
    scope: Scope,
    declared: ReadonlyMap<string, TypeProto>,
    opsets: Readonly<Record<string, number>>,
  ): void {
    const opset = opsets[node.domain] ?? 1;
    const schema = operatorSchema(node.domain, node.opType, opset);
    const context = this.#context(node, scope, opset, opsets);
    const called = this.#functions.get(functionKey(node.domain, node.opType, node.overload ?? ''));
    const found =
      called === undefined ? shapeRules[node.domain]?.get(node.opType)?.(context) : this.#call(called, node, scope);
    for (const [index, name] of node.outputs.entries()) {
      if (name === '') continue;
      const output = found?.[index];
      const type =
        output?.type ?? tensorOutput(output, schema && schemaOutputType(schema, node, index, (at) => context.type(at)));
      const merged = this.#merge(name, node, declared.get(name), type && this.#bound(type));
      if (merged !== undefined) scope.types.set(name, merged);
    }
    this.#followContents(node, context, scope);
    this.#followConstants(node, scope, opsets);
  }

  /** Computes what follows from small constants alone: shapes that exporters take detours to. */
  #followConstants(node: Node, scope: Scope, opsets: Readonly<Record<string, number>>): void {
    if (node.domain !== '' || node.inputs.length === 0 || unpredictable.has(node.opType)) return;
    if (subgraphsOf(node).length > 0) return;
    const inputs = node.inputs.map((name) => (name === '' ? undefined : scope.constant(name)));
    if (inputs.some((input, at) => (input === undefined ? node.inputs[at] !== '' : input.data.length > longestShape)))
      return;
    const [first] = node.outputs.map((name) => scope.types.get(name));
    const dims = first?.kind === 'tensor' ? first.dims : undefined;
    if (dims === undefined || !dims.every((dim) => typeof dim === 'number') || elementCount(dims) > longestShape)
      return;
    for (const [at, value] of interpretNode(node, inputs, opsets)?.entries() ?? []) {
      const name = node.outputs[at];
      if (name && value !== undefined && value.data.length <= longestShape) this.#defineConstant(name, value, scope);
    }
  }

  #followContents(node: Node, context: ShapeContext, scope: Scope): void {
    const name = node.outputs[0];
    if (name === undefined || name === '' || node.domain !== '') return;
    if (node.opType === 'Constant') {
      const constant = constantOf(node);
      if (constant !== undefined) this.#defineConstant(name, constant, scope);
      return;
    }
    const type = scope.types.get(name);
    if (type?.kind !== 'tensor' || type.dims === undefined || type.dims.length > 1) return;
    const contents = contentRules.get(node.opType)?.(context);
    if (contents !== undefined) scope.contents.set(name, contents);
  }

  #context(node: Node, scope: Scope, opset: number, opsets: Readonly<Record<string, number>>): ShapeContext {
    const name = (index: number): string => node.inputs[index] ?? '';
    const type = (index: number): TypeProto | undefined => (name(index) === '' ? undefined : scope.type(name(index)));
    const tensorType = (index: number) => {
      const found = type(index);
      return found?.kind === 'tensor' || found?.kind === 'sparseTensor' ? found : undefined;
    };
    const contents = (index: number) => (name(index) === '' ? undefined : scope.content(name(index)));
    return {
      node,
      opset,
      attributes: attributes(node),
      inputCount: node.inputs.length,
      outputCount: node.outputs.length,
      has: (index) => name(index) !== '',
      type,
      elementType: (index) => {
        const element = tensorType(index)?.elementType;
        return typeof element === 'number' ? undefined : element;
      },
      dims: (index) => tensorType(index)?.dims,
      contents,
      integers: (index) => {
        const found = contents(index);
        return found?.every((item) => typeof item === 'number') ? found : undefined;
      },
      constant: (index) => (name(index) === '' ? undefined : scope.constant(name(index))),
      subgraph: (attribute, inputs) => {
        const graph = attributes(node).graph(attribute);
        if (graph.inputs.length !== inputs.length)
          refuse(`${inputs.length} inputs of graph ${attribute} but it has ${graph.inputs.length}`, node);
        const types = this.graph(graph, scope, inputs, opsets);
        return graph.outputs.map(
          (output) => types.get(output.name) ?? scope.type(output.name) ?? this.#declaredType(output),
        );
      },
      refuse: (expected) => refuse(expected, node),
    };
  }

  #call(called: ModelFunction, node: Node, scope: Scope): InferredOutput[] {
    const body = functionBody(called, node);
    this.bodies.set(node, body);
    const inputs = called.inputs.map((_, index) => scope.type(node.inputs[index] ?? ''));
    const contents = called.inputs.map((_, index) => scope.content(node.inputs[index] ?? ''));
    const types = this.graph(body, undefined, inputs, { ...this.#model.opsets, ...called.opsets }, contents);
    return called.outputs.map((name) => ({ type: types.get(name) }));
  }

  #constants(graph: Graph, scope: Scope): void {
    // Up to IR version 3 every initializer had to be an input too; since then being one makes it a mere default.
    const overridable = new Set(this.#model.irVersion < 4 ? [] : graph.inputs.map(({ name }) => name));
    const define = (name: string, constant: Tensor | RawTensor | SparseTensor): void => {
      const { dims } = constant;
      const elementType = 'values' in constant ? constant.values.type : constant.type;
      const type: TypeProto = {
        kind: 'values' in constant ? 'sparseTensor' : 'tensor',
        elementType: elementType === 0 ? undefined : elementType,
        dims: [...dims],
      };
      // Nodes that read a sparse constant see a tensor.
      const seen: TypeProto = { ...type, kind: 'tensor' };
      const declared = scope.types.get(name);
      scope.types.set(name, this.#merge(name, undefined, overridable.has(name) ? undefined : declared, seen) ?? seen);
      if (overridable.has(name)) {
        if (declared !== undefined) scope.types.set(name, declared);
      } else if ('data' in constant) {
        this.#defineConstant(name, constant, scope);
      }
    };
    for (const [name, constant] of graph.initializers) define(name, constant);
    for (const [name, constant] of graph.rawInitializers ?? []) define(name, constant);
    for (const [name, constant] of graph.sparseInitializers ?? []) define(name, constant);
  }

  #defineConstant(name: string, constant: Tensor, scope: Scope): void {
    scope.constants.set(name, constant);
    const { type, dims, data } = constant;
    if (dims.length > 1 || data.length > longestShape) return;
    if (type === 'int64' || type === 'int32' || type === 'bool') {
      scope.contents.set(name, Array.from(data as Iterable<number | bigint>, Number));
    }
  }

  #declaredType(info: ValueInfo): TypeProto | undefined {
    if (info.valueType !== undefined) return info.valueType;
    if (info.type === undefined && info.dims === undefined) return undefined;
    return this.#bound({ kind: 'tensor', elementType: info.type, dims: info.dims && [...info.dims] });
  }

  #bindSymbols(): void {
    for (const info of this.#model.graph.inputs) {
      if (!Object.hasOwn(this.#inputDims, info.name)) continue;
      const dims = this.#inputDims[info.name]!;
      if (info.dims !== undefined && info.dims.length !== dims.length) {
        refuse(`${info.dims.length} sizes for input ${info.name} but received [${dims}]`, undefined);
      }
      for (const [axis, declared] of (info.dims ?? []).entries()) {
        const dim = dims[axis];
        if (typeof declared === 'number' && typeof dim === 'number' && dim !== declared) {
          refuse(`size ${declared} on axis ${axis} of input ${info.name} but received ${dim}`, undefined);
        }
        if (typeof declared !== 'string') continue;
        const known = this.#symbols.get(declared);
        if (known !== undefined && known !== dim) {
          refuse(`one size for ${declared} but received ${known} and ${dim}`, undefined);
        }
        this.#symbols.set(declared, dim);
      }
    }
  }

  #bound(type: TypeProto): TypeProto {
    if (this.#symbols.size === 0 || type.kind !== 'tensor' || type.dims === undefined) return type;
    const dims = type.dims.map((dim) =>
      typeof dim === 'string' && this.#symbols.has(dim) ? this.#symbols.get(dim) : dim,
    );
    return { ...type, dims };
  }

  #merge(
    name: string,
    node: Node | undefined,
    first: TypeProto | undefined,
    second: TypeProto | undefined,
  ): TypeProto | undefined {
    const merged = mergeTypes(first, second);
    if (!(merged instanceof TypeConflict)) return merged;
    return refuse(`one type for ${name} but it is declared and inferred as ${merged.words}`, node);
  }
}

function refuse(expected: string, node: Node | undefined): never {
  throw new PerceptError(
    'ONNX_SHAPE_INVALID',
    `Expected ${expected}${node === undefined ? '' : ` in ${describeNode(node)}`}`,
    {
      details: node === undefined ? {} : { node: node.name, opType: node.opType },
    },
  );
}

function functionKey(domain: string, name: string, overload: string): string {
  return `${domain}:${name}:${overload}`;
}

function withDims(type: TypeProto | undefined, dims: readonly Dimension[]): TypeProto {
  return { kind: 'tensor', elementType: type?.kind === 'tensor' ? type.elementType : undefined, dims: [...dims] };
}

/** The type of a tensor output from what its rule and its schema say. */
function tensorOutput(output: InferredOutput | undefined, schemaType: TypeProto | undefined): TypeProto | undefined {
  if (schemaType !== undefined && schemaType.kind !== 'tensor') return schemaType;
  const elementType: ElementType | number | undefined = output?.elementType ?? schemaType?.elementType;
  if (elementType === undefined && output?.dims === undefined) return undefined;
  return { kind: 'tensor', elementType, dims: output?.dims && [...output.dims] };
}
