// A model made ready to be computed: kernels looked up, constants converted, the last use of every value known.
import { PerceptError } from '@percept/core';
import type { Graph, Model, ModelFunction, Node } from '../model.js';
import { functionBody } from './function-body.js';
import type { Kernel, Precision, SubgraphOutput } from './kernel.js';
import { kernels } from './kernels/index.js';
import { fromSparse, toValue } from './model-value.js';
import type { Value } from './value.js';

/** A node with what computes it, and the values that nobody needs once it is done. */
export interface Step {
  readonly node: Node;
  readonly kernel: Kernel;
  readonly opset: number;
  readonly graphs: ReadonlyMap<string, GraphProgram>;
  /** Names of this graph whose last use this step is. */
  readonly released: readonly string[];
}

/** A graph made ready. */
export interface GraphProgram {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly outputTypes: readonly SubgraphOutput[];
  readonly constants: ReadonlyMap<string, Value>;
  readonly steps: readonly Step[];
  /** Names that are taken from outside. */
  readonly captured: ReadonlySet<string>;
}

/** What holds for every node of a model. */
export interface ProgramScope {
  readonly opsets: Readonly<Record<string, number>>;
  readonly precision: Precision;
  /** Operators that the model defines itself. */
  readonly functions?: readonly ModelFunction[] | undefined;
}

/**
 * Makes a model ready.
 *
 * @throws PerceptError `ONNX_OPERATOR_UNSUPPORTED` naming every operator that has no kernel
 */
export function prepareModel(model: Model, precision: Precision): GraphProgram {
  const missing = new Set<string>();
  const program = prepareGraph(model.graph, { opsets: model.opsets, precision, functions: model.functions }, missing);
  if (missing.size > 0) throw missingOperators(missing);
  return program;
}

/** The error that names operators without a kernel. */
export function missingOperators(missing: Iterable<string>): PerceptError {
  const operators = [...missing];
  return new PerceptError(
    'ONNX_OPERATOR_UNSUPPORTED',
    `Expected operators that the interpreter computes but received ${operators.join(', ')}. Run the model on onnxruntime instead`,
    { details: { operators } },
  );
}

function prepareGraph(graph: Graph, scope: ProgramScope, missing: Set<string>): GraphProgram {
  const constants = new Map<string, Value>();
  for (const [name, constant] of [...graph.initializers, ...(graph.rawInitializers ?? [])]) {
    constants.set(name, toValue(constant, scope.precision));
  }
  for (const [name, constant] of graph.sparseInitializers ?? []) {
    constants.set(name, fromSparse(constant, scope.precision));
  }
  const steps = graph.nodes.map((node) => prepareNode(node, scope, missing));
  const outputs = graph.outputs.map(({ name }) => name);
  const inputs = graph.inputs.map(({ name }) => name);

  const made = new Set([...inputs, ...constants.keys(), ...graph.nodes.flatMap((node) => node.outputs)]);
  const captured = new Set<string>();
  const needed = new Set(outputs);
  const released = steps.map((): string[] => []);
  for (let at = steps.length - 1; at >= 0; at--) {
    const { node, graphs } = steps[at]!;
    const used = [...node.inputs, ...[...graphs.values()].flatMap((inner) => [...inner.captured])];
    for (const name of [...used, ...node.outputs]) {
      if (!made.has(name)) {
        if (name !== '') captured.add(name);
      } else if (!needed.has(name)) {
        needed.add(name);
        released[at]!.push(name);
      }
    }
  }
  for (const name of outputs) if (!made.has(name)) captured.add(name);
  return {
    inputs,
    outputs,
    outputTypes: graph.outputs,
    constants,
    steps: steps.map((step, at) => ({ ...step, released: released[at]! })),
    captured,
  };
}

/** Finds the kernel of a node and makes its subgraphs ready; notes operators that have none. */
export function prepareNode(node: Node, scope: ProgramScope, missing: Set<string>): Step {
  const opset = scope.opsets[node.domain] ?? 1;
  const called = scope.functions?.find(
    ({ domain, name, overload }) =>
      domain === node.domain && name === node.opType && overload === (node.overload ?? ''),
  );
  if (called !== undefined) {
    const body = prepareGraph(functionBody(called, node), { ...scope, opsets: called.opsets }, missing);
    return { node, kernel: runBody, opset, graphs: new Map([[bodyName, body]]), released: [] };
  }
  const kernel = kernels[node.domain]?.[node.opType];
  if (kernel === undefined) missing.add(node.domain === '' ? node.opType : `${node.domain}.${node.opType}`);
  const graphs = new Map<string, GraphProgram>();
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (attribute.type === 'graph') graphs.set(name, prepareGraph(attribute.value, scope, missing));
  }
  return { node, kernel: kernel!, opset, graphs, released: [] };
}

/** The body of a function is kept beside the graphs of attributes, under a name that no attribute has. */
const bodyName = '';
const runBody: Kernel = (inputs, context) => context.runSubgraph(bodyName, inputs);
