// The dependency graph of channels. The idea is that of DepGraph (Fang et al. 2023, arXiv:2301.12900): removing one output
// channel of a layer removes places of other weights, of biases, statistics and constants, and whatever is coupled to them.
// There, layers are the nodes of the graph; here, it is every single position along every axis of every value, so that
// concatenations, paddings, heads and slices need no rules of their own for offsets.
import type { Tensor } from '@percept/core';
import type { Dimension, Graph, Model, Node } from '@percept/onnx';
import { capturedValues, inferTypes, subgraphsOf } from '@percept/onnx/graph';
import { keepAxis, type ValueChannels } from './axis-channels.js';
import { type ChannelRule, keepInputs, operatorOf, type RuleContext } from './channel-rule.js';
import { ChannelUnits } from './channel-units.js';
import { elementwiseRules } from './rules-elementwise.js';
import { layoutRules } from './rules-layout.js';
import { linearRules } from './rules-linear.js';
import { reductionRules } from './rules-reduction.js';
import { constantBehind } from './weighted-nodes.js';

/** A node with weights, and where in them its output channels are counted. */
export interface WeightedLayer {
  readonly node: Node;
  /** Its name, or its first output where it has none. */
  readonly name: string;
  /** The initializer that holds the weights. */
  readonly weight: string;
  /** Axis of the initializer. */
  readonly axis: number;
  /** The channel of each position along that axis. */
  readonly channels: readonly number[];
}

/** What belongs together in a model. */
export interface ChannelGraph {
  readonly units: ChannelUnits;
  /** Channels of every value of the main graph, constants included. */
  readonly values: ReadonlyMap<string, ValueChannels>;
  readonly layers: readonly WeightedLayer[];
  /** Sizes of every value, as far as they are known. */
  dims(value: string): readonly Dimension[] | undefined;
}

const rules: Readonly<Record<string, ChannelRule>> = {
  ...elementwiseRules,
  ...linearRules,
  ...layoutRules,
  ...reductionRules,
};

/** So many images are assumed where the batch is dynamic: more than one, so that it is told from axes of size 1. */
const assumedBatch = 2;

/**
 * Finds which channels of a model (of `prepareForPruning`) can only be removed together, and which cannot be removed at all.
 *
 * @throws PerceptError as `inferTypes`
 */
export function channelGraph(
  model: Model,
  inputDims: Readonly<Record<string, readonly Dimension[]>> = {},
): ChannelGraph {
  const { graph } = model;
  const builder = new ChannelGraphBuilder(model, withBatch(graph, inputDims, assumedBatch));
  for (const node of graph.nodes) builder.add(node);
  builder.finish();
  return builder;
}

/** Sizes for the inputs in which a batch that is not known is `batch`. */
export function withBatch(
  { inputs, initializers }: Graph,
  inputDims: Readonly<Record<string, readonly Dimension[]>>,
  batch: number,
): Record<string, readonly Dimension[]> {
  const result: Record<string, readonly Dimension[]> = {};
  for (const { name, dims } of inputs) {
    const known = inputDims[name] ?? dims;
    if (known === undefined || initializers.has(name)) continue;
    result[name] = known.map((size, axis) => (axis === 0 && typeof size !== 'number' ? batch : size));
  }
  return result;
}

class ChannelGraphBuilder implements ChannelGraph {
  readonly units = new ChannelUnits();
  readonly values = new Map<string, ValueChannels>();
  readonly layers: WeightedLayer[] = [];
  readonly #graph: Graph;
  readonly #opset: number;
  readonly #types: ReturnType<typeof inferTypes>['values'];
  readonly #overridable: ReadonlySet<string>;
  readonly #producers = new Map<string, Node>();

  constructor(model: Model, inputDims: Readonly<Record<string, readonly Dimension[]>>) {
    this.#graph = model.graph;
    this.#opset = model.opsets[''] ?? 1;
    this.#types = inferTypes(model, { inputDims }).values;
    this.#overridable = new Set(model.graph.inputs.map(({ name }) => name));
  }

  dims(value: string): readonly Dimension[] | undefined {
    const type = this.#types.get(value);
    return type?.kind === 'tensor' ? type.dims : this.#graph.initializers.get(value)?.dims;
  }

  add(node: Node): void {
    for (const output of node.outputs) this.#producers.set(output, node);
    for (const inner of subgraphsOf(node)) {
      for (const name of capturedValues(inner)) this.#keep(name, `a graph inside ${operatorOf(node)} reads it`);
    }
    const context = this.#context(node);
    const rule = node.domain === '' && subgraphsOf(node).length === 0 ? rules[node.opType] : undefined;
    const found =
      rule === undefined ? keepInputs(context, `${operatorOf(node)} is not known to pruning`) : rule(context);
    for (const [at, name] of node.outputs.entries())
      if (name !== '') this.values.set(name, this.#real(found[at] ?? []));
  }

  finish(): void {
    for (const { name } of this.#graph.outputs) this.#keep(name, 'an output of the model');
    for (const { weight, name } of this.layers) {
      if (this.#graph.initializers.get(weight)!.type === 'float32') continue;
      this.#keep(weight, `the weights of ${name} are not float32`);
    }
  }

  #keep(name: string, reason: string): void {
    for (const axis of this.#channelsOf(name)) keepAxis(this.units, axis, reason);
  }

  /** An axis that has one position left cannot lose it. */
  #real(channels: ValueChannels): ValueChannels {
    return channels.map((axis) => {
      if (axis?.length !== 1) return axis;
      keepAxis(this.units, axis, 'it is alone on its axis');
      return undefined;
    });
  }

  #context(node: Node): RuleContext {
    const nameOf = (input: number): string => node.inputs[input] ?? '';
    const constant = (input: number): Tensor | undefined => this.#constant(nameOf(input));
    return {
      node,
      opset: this.#opset,
      units: this.units,
      dims: (input) => this.dims(nameOf(input)),
      outputDims: (output) => this.dims(node.outputs[output] ?? ''),
      channels: (input) => this.#channelsOf(nameOf(input)),
      constant,
      integers: (input) => integersOf(constant(input)),
      weighs: (input, axis) => this.#addLayer(node, nameOf(input), axis),
    };
  }

  #constant(name: string): Tensor | undefined {
    return this.#overridable.has(name) ? undefined : this.#graph.initializers.get(name);
  }

  #channelsOf(name: string): ValueChannels {
    let channels = this.values.get(name);
    if (channels === undefined) {
      const value = this.#constant(name);
      channels = value?.type.startsWith('float')
        ? value.dims.map((size) => (size > 1 ? this.units.fresh(size) : undefined))
        : [];
      this.values.set(name, channels);
    }
    return channels;
  }

  /** Notes a layer, if its weights are a constant, maybe turned or cast on the way. */
  #addLayer(node: Node, value: string, axis: number): void {
    const found = constantBehind(this.#graph, this.#producers, value);
    if (found === undefined) return;
    const at = found.axisOf(axis);
    const channels = this.#channelsOf(found.name)[at];
    if (channels === undefined) return;
    this.layers.push({ node, name: node.name || node.outputs[0]!, weight: found.name, axis: at, channels });
  }
}

/** The elements of an integer tensor; those beyond 2^53 as the nearest numbers. */
export function integersOf(value: Tensor | undefined): readonly number[] | undefined {
  return value === undefined || !/^u?int/.test(value.type)
    ? undefined
    : Array.from(value.data as ArrayLike<number>, Number);
}
