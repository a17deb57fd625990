// One model that computes every ratio: the float graph, the quantized one beside it, and once more the quantized one of
// which every node reads what the float graph made. Powers of signals and errors are summed inside the graph, so that of
// all the values only two numbers each leave the runtime.
import { cloneModel, type Graph, type Model, type Node } from '@percept/onnx';
import { mergeModels } from '@percept/onnx/graph';
import { FreshNames, outputNames } from '../graph/graph-values.js';
import type { MatchedValue } from './matched-values.js';
import type { MatchedWeight } from './matched-weights.js';

/** Names of outputs that hold the power (sum of squares) of a signal and of the error in it. */
export interface Powers {
  readonly signal: string;
  readonly error: string;
}

/** The outputs for one value. */
interface ValueProbes {
  readonly value: MatchedValue;
  readonly cumulative: Powers;
  readonly conversion?: Powers | undefined;
  readonly alone?: Powers | undefined;
}

/** The outputs for one weight. */
interface WeightProbes {
  readonly weight: MatchedWeight;
  readonly powers: Powers;
}

/** A model to be run on images. */
export interface MeasuringModel {
  readonly model: Model;
  /** Its inputs, all of which take the same images. */
  readonly inputs: readonly string[];
  readonly values: readonly ValueProbes[];
  readonly weights: readonly WeightProbes[];
}

const whole = 'quantized/';
const single = 'alone/';

/** Builds the model. Neither of the given ones is changed. */
export function measuringModel(
  float: Model,
  quantized: Model,
  values: readonly MatchedValue[],
  weights: readonly MatchedWeight[],
  { alone }: { readonly alone: boolean },
): MeasuringModel {
  let model = beside(float, quantized, whole);
  if (alone) {
    const kept = new Set(model.graph.nodes);
    model = beside(model, quantized, single);
    const added = model.graph.nodes.slice(kept.size);
    feedExactValues(model.graph, added, values);
  }
  const probes = new Probes(model.graph);
  const measured = {
    values: values.map((value) => ({
      value,
      cumulative: probes.add(value.name, `${whole}${value.after}`),
      conversion: value.conversion?.pure
        ? probes.add(`${whole}${value.conversion.before}`, `${whole}${value.after}`)
        : undefined,
      alone: alone ? probes.add(value.name, `${single}${value.after}`) : undefined,
    })),
    weights: weights.map((weight) => ({ weight, powers: probes.add(weight.name, `${whole}${weight.after}`) })),
  };
  const { graph } = model;
  graph.nodes.push(...probes.nodes);
  graph.outputs = probes.outputs.map((name) => ({ name, type: 'float32', dims: [], docString: '' }));
  const inputs = graph.inputs.map(({ name }) => name).filter((name) => !graph.initializers.has(name));
  return { model, inputs, ...measured };
}

/** Both models in one; what the second one has gets the prefix. */
function beside(first: Model, second: Model, prefix: string): Model {
  // What files say of themselves may differ between the two, and matters to neither's figures.
  const bare = (model: Model): Model => ({ ...cloneModel(model), metadata: {} });
  return mergeModels(bare(first), bare(second), { connections: [], secondPrefix: prefix, name: 'sqnr' });
}

/** Makes the nodes of the single copy read the float graph's values, converted where the quantized graph converts them. */
function feedExactValues(graph: Graph, nodes: readonly Node[], values: readonly MatchedValue[]): void {
  const names = new FreshNames(graph);
  const exact = new Map<string, string>();
  const own = new Set<Node>();
  const added: Node[] = [];
  const making = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  for (const { name, after, conversion } of values) {
    if (conversion === undefined) {
      exact.set(`${single}${after}`, name);
      continue;
    }
    const dequantize = making.get(`${single}${after}`)!;
    const quantize = making.get(dequantize.inputs[0]!)!;
    const integers = names.take(`exact/${name}_quantized`);
    const back = names.take(`exact/${name}`);
    added.push(
      { ...quantize, name: '', inputs: [name, ...quantize.inputs.slice(1)], outputs: [integers] },
      { ...dequantize, name: '', inputs: [integers, ...dequantize.inputs.slice(1)], outputs: [back] },
    );
    own.add(quantize).add(dequantize);
    exact.set(`${single}${conversion.before}`, name);
    exact.set(quantize.outputs[0]!, integers);
    exact.set(`${single}${after}`, back);
  }
  for (const node of nodes) {
    // The conversion itself is what is measured: it takes what the node before it made.
    if (!own.has(node)) node.inputs = node.inputs.map((input) => exact.get(input) ?? input);
  }
  // They read values of the float graph and constants alone, and are read by the nodes of the copy.
  graph.nodes.splice(graph.nodes.indexOf(nodes[0]!), 0, ...added);
}

/** Adds outputs to a graph that sum squares; the same one only once. */
class Probes {
  readonly nodes: Node[] = [];
  readonly outputs: string[] = [];
  readonly #names: FreshNames;
  readonly #signals = new Map<string, string>();

  constructor(graph: Graph) {
    this.#names = new FreshNames(graph);
    for (const output of outputNames(graph)) this.#names.take(output);
  }

  add(exact: string, approximate: string): Powers {
    let signal = this.#signals.get(exact);
    if (signal === undefined) {
      signal = this.#power(exact);
      this.#signals.set(exact, signal);
    }
    const difference = this.#node('Sub', [exact, approximate], `${approximate}_error`);
    return { signal, error: this.#power(difference) };
  }

  #power(value: string): string {
    const output = this.#node('ReduceSumSquare', [value], `${value}_power`);
    this.nodes.at(-1)!.attributes.keepdims = { type: 'int', value: 0 };
    this.outputs.push(output);
    return output;
  }

  #node(opType: string, inputs: string[], hint: string): string {
    const output = this.#names.take(hint);
    this.nodes.push({ name: '', opType, domain: '', inputs, outputs: [output], attributes: {}, docString: '' });
    return output;
  }
}
