// Computes a model node by node, in the order of the file, each by its kernel.
//
// It is a reference: clear, exact and slow. Every operator is computed in double and rounded to its element type once.
// Nothing is fused, nothing runs on several threads. Values are dropped after their last use.
import { isPerceptError, PerceptError, throwIfAborted } from '@percept/core';
import type { Model, Node } from '../model.js';
import type { NodeTimes } from '../model-profile.js';
import { malformed } from './interpreter-errors.js';
import type { Precision } from './kernel.js';
import { type Feed, toValue, widened } from './model-value.js';
import { NodeContext } from './node-context.js';
import { type GraphProgram, missingOperators, prepareModel, prepareNode, type Step } from './program.js';
import type { Value } from './value.js';

/** Values by name, the ones of the graphs around included. */
class Scope {
  readonly #values = new Map<string, Value | undefined>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  get(name: string): Value | undefined {
    return this.#values.has(name) ? this.#values.get(name) : this.#outer?.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name) || (this.#outer?.has(name) ?? false);
  }

  set(name: string, value: Value | undefined): void {
    this.#values.set(name, value);
  }

  delete(name: string): void {
    this.#values.delete(name);
  }
}

/** Options of {@link evaluateModel}. */
export interface EvaluateModelOptions {
  /** Outputs to give back. Default: all. */
  outputs?: readonly string[];
  /**
   * `float64` computes the whole model in double: every float16, bfloat16 and float32 tensor is promoted, outputs
   * included, as a checker of gradients wants it. Default `float32`: each tensor has the type that the model says.
   */
  precision?: Precision;
  /** Ends the call between two nodes; it rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/**
 * Computes a model from feeds by input name. It gives the event loop a turn every few milliseconds, between two nodes.
 *
 * @returns outputs by name
 * @throws PerceptError `ONNX_OPERATOR_UNSUPPORTED` for what the interpreter does not compute; `ONNX_FEED_INVALID` for a
 *   missing input; `ONNX_RUN_FAILED` when a node breaks the rules of its operator; `ABORTED`
 */
export async function evaluateModel(
  model: Model,
  feeds: Readonly<Record<string, Feed>>,
  options: EvaluateModelOptions = {},
): Promise<Record<string, Value>> {
  const precision = options.precision ?? 'float32';
  return runProgram(prepareModel(model, precision), feeds, { ...options, precision });
}

/** Computes a model that was made ready before, see {@link evaluateModel}; adds what its nodes cost to `times`. */
export async function runProgram(
  program: GraphProgram,
  feeds: Readonly<Record<string, Feed>>,
  {
    outputs = program.outputs,
    precision = 'float32',
    signal,
    times,
  }: EvaluateModelOptions & { times?: NodeTimes | undefined },
): Promise<Record<string, Value>> {
  const scope = new Scope();
  for (const [name, constant] of program.constants) scope.set(name, constant);
  for (const name of program.inputs) {
    const feed = feeds[name];
    if (feed !== undefined) scope.set(name, toValue(feed, precision));
    else if (!scope.has(name)) {
      throw new PerceptError('ONNX_FEED_INVALID', `Expected a feed for input ${name} but received none`);
    }
  }
  let turn = performance.now();
  for (const step of program.steps) {
    throwIfAborted(signal);
    if (performance.now() - turn > 10) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      turn = performance.now();
      throwIfAborted(signal);
    }
    const started = performance.now();
    runStep(step, scope, precision);
    times?.add(nameOf(step.node), step.node.opType, 'interpreter', performance.now() - started);
  }
  if (times !== undefined) times.runs++;
  return Object.fromEntries(outputs.map((name) => [name, resultOf(name, scope)]));
}

/** Options of {@link evaluateNode}. */
export interface EvaluateNodeOptions {
  /** Operator set versions by domain, as in `Model.opsets`. */
  opsets: Readonly<Record<string, number>>;
  /** See {@link EvaluateModelOptions.precision}. */
  precision?: Precision;
}

/**
 * Computes one node from its inputs, `undefined` for one that is not given: what constant folding needs. Subgraphs of
 * the node may not take values from outside.
 *
 * @returns a value per output name of the node, `undefined` for an unnamed one
 * @throws PerceptError `ONNX_OPERATOR_UNSUPPORTED`, `ONNX_RUN_FAILED`
 */
export function evaluateNode(
  node: Node,
  inputs: readonly (Feed | undefined)[],
  { opsets, precision = 'float32' }: EvaluateNodeOptions,
): (Value | undefined)[] {
  const missing = new Set<string>();
  const step = prepareNode(node, { opsets, precision }, missing);
  if (missing.size > 0) throw missingOperators(missing);
  const scope = new Scope();
  for (const [at, name] of node.inputs.entries()) {
    const input = inputs[at];
    if (name !== '' && input !== undefined) scope.set(name, toValue(input, precision));
  }
  runStep(step, scope, precision);
  return node.outputs.map((name) => (name === '' ? undefined : scope.get(name)));
}

function runGraph(
  program: GraphProgram,
  inputs: readonly (Value | undefined)[],
  outer: Scope,
  precision: Precision,
): Value[] {
  const scope = new Scope(outer);
  for (const [name, constant] of program.constants) scope.set(name, constant);
  for (const [at, name] of program.inputs.entries()) {
    const input = inputs[at];
    // An input that is not given must not be taken for a value of the same name outside.
    if (input !== undefined || !program.constants.has(name)) scope.set(name, input);
  }
  for (const step of program.steps) runStep(step, scope, precision);
  return program.outputs.map((name) => resultOf(name, scope));
}

function resultOf(name: string, scope: Scope): Value {
  const value = scope.get(name);
  if (value === undefined) throw malformed(`Expected a value for output ${name} but no node made one`);
  return value;
}

function runStep(step: Step, scope: Scope, precision: Precision): void {
  const { node, kernel, graphs, released } = step;
  const context = new NodeContext(step, precision, (attribute, inputs) => {
    const graph = graphs.get(attribute);
    if (graph === undefined) throw malformed(`Expected a graph for attribute ${attribute} but received none`);
    return runGraph(graph, inputs, scope, precision);
  });
  try {
    const inputs = node.inputs.map((name) => {
      if (name !== '' && !scope.has(name)) throw malformed(`Expected a value for input ${name} but no node made one`);
      return name === '' ? undefined : scope.get(name);
    });
    const outputs = kernel(inputs, context);
    for (const [at, name] of node.outputs.entries()) {
      const output = outputs[at];
      if (name !== '') scope.set(name, output && precision === 'float64' ? widened(output) : output);
    }
  } catch (error) {
    throw located(error, node);
  }
  for (const name of released) scope.delete(name);
}

/** What a node is called: many have no name, and are known by their output. */
function nameOf({ name, outputs }: Node): string {
  return name === '' ? (outputs.find((output) => output !== '') ?? '') : name;
}

/** The error, saying at which node it happened. */
function located(error: unknown, node: Node): unknown {
  const where = `${node.opType}${node.name === '' ? '' : ` ${JSON.stringify(node.name)}`}`;
  if (isPerceptError(error, 'ONNX_OPERATOR_UNSUPPORTED')) {
    return new PerceptError('ONNX_OPERATOR_UNSUPPORTED', `${where}: ${error.message}`, { cause: error });
  }
  if (isPerceptError(error) && error.code !== 'ONNX_RUN_FAILED') return error;
  return new PerceptError('ONNX_RUN_FAILED', `${where}: ${(error as Error).message}`, { cause: error });
}
