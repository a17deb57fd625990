import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { cloneModel } from '../clone-model.js';
import type { DeviceConfiguration, Graph, Model, ModelFunction } from '../model.js';
import { functionKey } from './check/check-functions.js';
import { GraphEditor } from './graph-editor.js';
import { raiseIrVersion } from './ir-version.js';
import { convertibleOpsets, convertOpset } from './opset/convert-opset.js';
import { prefixNames } from './prefix-names.js';
import { namesIn } from './scope.js';

/** How to put two models together, see {@link mergeModels}. */
export interface MergeOptions {
  /** Pairs of an output of the first model and the input of the second one that it feeds, by their names before merging. */
  readonly connections: readonly (readonly [output: string, input: string])[];
  /** Put before every name of the first model. Default `''`. */
  readonly firstPrefix?: string;
  /** Put before every name of the second model. Default `''`. */
  readonly secondPrefix?: string;
  /** Name of the merged graph. Default: both names, joined by `_`. */
  readonly name?: string;
}

const schema = z.strictObject({
  connections: z.array(z.tuple([z.string(), z.string()])),
  firstPrefix: z.optional(z.string()),
  secondPrefix: z.optional(z.string()),
  name: z.optional(z.string()),
});

/**
 * One model of two, the second fed by the first (as `onnx.compose.merge_models`). Outputs of the first model that feed
 * nothing, inputs of the second that nothing feeds, and all outputs of the second stay. Where the operator sets differ,
 * the older model is brought to the newer one's. Metadata, doc strings and device configurations are joined; what the
 * models say of their training is left out, for it is not of the merged one. The given models are not changed.
 *
 * @throws PerceptError `ONNX_MERGE_INVALID` when a connection names no output or input, types do not fit, names or
 *   functions clash (give prefixes), metadata, device configurations or other operator sets contradict each other; `ONNX_OPSET_UNCONVERTIBLE`
 */
export function mergeModels(first: Model, second: Model, options: MergeOptions): Model {
  const {
    connections,
    firstPrefix = '',
    secondPrefix = '',
    name,
  } = parseOptions(schema, options, 'mergeModels() options');
  const [a, b] = ofOneOpset(first, second);
  const graphName = name ?? `${a.graph.name}_${b.graph.name}`;
  for (const [output, input] of connections) checkConnection(a.graph, b.graph, output, input);
  prefixNames(a.graph, firstPrefix);
  prefixNames(b.graph, secondPrefix);
  const fed = new Map(connections.map(([output, input]) => [`${secondPrefix}${input}`, `${firstPrefix}${output}`]));
  checkNames(a.graph, b.graph, fed);
  connect(b.graph, fed);

  const used = new Set(fed.values());
  const { trainingInfo: _, ...lasting } = a;
  return {
    ...lasting,
    irVersion: Math.max(a.irVersion, b.irVersion),
    opsets: joined(a.opsets, b.opsets, 'operator set'),
    metadata: joined(a.metadata, b.metadata, 'metadata'),
    docString: joinedText(a.docString, b.docString),
    ...mergedDevices(a.deviceConfigurations, b.deviceConfigurations),
    ...mergedFunctions(a.functions, b.functions),
    graph: {
      ...a.graph,
      name: graphName,
      docString: joinedText(a.graph.docString, b.graph.docString),
      ...((a.graph.metadata ?? b.graph.metadata) && {
        metadata: joined(a.graph.metadata ?? {}, b.graph.metadata ?? {}, 'metadata of the graph'),
      }),
      nodes: [...a.graph.nodes, ...b.graph.nodes],
      inputs: [...a.graph.inputs, ...b.graph.inputs],
      outputs: [...a.graph.outputs.filter((output) => !used.has(output.name)), ...b.graph.outputs],
      valueInfos: [
        ...a.graph.valueInfos,
        ...a.graph.outputs.filter((output) => used.has(output.name)),
        ...b.graph.valueInfos,
      ],
      initializers: new Map([...a.graph.initializers, ...b.graph.initializers]),
      ...mergedMaps(a.graph, b.graph),
    },
  };
}

function ofOneOpset(first: Model, second: Model): [Model, Model] {
  const [x, y] = [first.opsets[''], second.opsets['']];
  const opset = Math.max(x ?? 0, y ?? 0);
  const brought = (model: Model): Model => {
    const own = model.opsets[''];
    if (own === undefined || own === opset || opset > convertibleOpsets.newest) return cloneModel(model);
    return convertOpset(model, opset);
  };
  const models: [Model, Model] = [brought(first), brought(second)];
  // An old file means its initializers, which are inputs too, as constants; beside a newer one they would be defaults.
  if (models.some(({ irVersion }) => irVersion >= 4)) for (const model of models) raiseIrVersion(model, opset);
  return models;
}

function checkConnection(first: Graph, second: Graph, output: string, input: string): void {
  const from = first.outputs.find((info) => info.name === output);
  const to = second.inputs.find((info) => info.name === input);
  if (from === undefined) throw invalid(`an output of the first model but received ${JSON.stringify(output)}`);
  if (to === undefined) throw invalid(`an input of the second model but received ${JSON.stringify(input)}`);
  const differ =
    (from.type !== undefined && to.type !== undefined && from.type !== to.type) ||
    (from.dims !== undefined && to.dims !== undefined && !fits(from.dims, to.dims));
  if (differ) {
    const text = ({ type, dims }: typeof from): string => `${type ?? '?'}[${dims?.map((dim) => dim ?? '?') ?? '…'}]`;
    throw invalid(`output ${output} (${text(from)}) to fit input ${input} (${text(to)})`);
  }
}

function fits(from: readonly unknown[], to: readonly unknown[]): boolean {
  if (from.length !== to.length) return false;
  return from.every((dim, at) => typeof dim !== 'number' || typeof to[at] !== 'number' || dim === to[at]);
}

function checkNames(first: Graph, second: Graph, fed: ReadonlyMap<string, string>): void {
  const taken = new Set(namesIn(first));
  taken.delete('');
  const clash = [...new Set(namesIn(second))].find((name) => taken.has(name) && fed.get(name) !== name);
  if (clash === undefined) return;
  throw invalid(`names that only one of the models has but both have ${clash}. Give firstPrefix or secondPrefix`);
}

/** Makes the second graph read the values that feed it, and drops the inputs that were fed. */
function connect(graph: Graph, fed: ReadonlyMap<string, string>): void {
  const passed = graph.outputs.find(({ name }) => fed.has(name));
  if (passed !== undefined)
    throw invalid(`outputs of the second model that it makes but ${passed.name} is an input of it`);
  const editor = new GraphEditor(graph);
  for (const [input, output] of fed) {
    if (input === output) continue;
    // The value is made in the other graph: declared here for as long as the editor looks.
    if (!editor.isInput(output)) editor.addInput({ name: output, type: undefined, dims: undefined, docString: '' });
    editor.rewire(input, output);
  }
  const gone = new Set([...fed.keys(), ...fed.values()]);
  graph.inputs = graph.inputs.filter(({ name }) => !gone.has(name));
  for (const name of fed.keys()) graph.initializers.delete(name);
}

function joined<Value>(
  first: Readonly<Record<string, Value>>,
  second: Readonly<Record<string, Value>>,
  what: string,
): Record<string, Value> {
  for (const [key, value] of Object.entries(second)) {
    if (Object.hasOwn(first, key) && first[key] !== value) {
      throw invalid(`one ${what} for ${JSON.stringify(key)} but the models have ${first[key]} and ${value}`);
    }
  }
  return { ...first, ...second };
}

function joinedText(first: string, second: string): string {
  return first === '' || second === '' || first === second ? first || second : `${first}\n\n${second}`;
}

function mergedDevices(
  first: DeviceConfiguration[] = [],
  second: DeviceConfiguration[] = [],
): { deviceConfigurations?: DeviceConfiguration[] } {
  const known = new Map(first.map((item) => [item.name, item]));
  const added = second.filter((item) => {
    const same = known.get(item.name);
    if (same === undefined) return true;
    if (same.deviceCount === item.deviceCount && `${same.devices}` === `${item.devices}`) return false;
    throw invalid(`one device configuration for ${JSON.stringify(item.name)} but the models have different ones`);
  });
  return first.length + added.length === 0 ? {} : { deviceConfigurations: [...first, ...added] };
}

function mergedFunctions(first: ModelFunction[] = [], second: ModelFunction[] = []): { functions?: ModelFunction[] } {
  const keys = new Set(first.map(functionKey));
  const clash = second.map(functionKey).find((key) => keys.has(key));
  if (clash !== undefined) throw invalid(`functions that only one of the models has but both have ${clash}`);
  return first.length + second.length === 0 ? {} : { functions: [...first, ...second] };
}

function mergedMaps(first: Graph, second: Graph): Partial<Graph> {
  const { rawInitializers: rawA, sparseInitializers: sparseA, quantizationAnnotations: notesA } = first;
  const { rawInitializers: rawB, sparseInitializers: sparseB, quantizationAnnotations: notesB } = second;
  return {
    ...((rawA ?? rawB) && { rawInitializers: new Map([...(rawA ?? []), ...(rawB ?? [])]) }),
    ...((sparseA ?? sparseB) && { sparseInitializers: new Map([...(sparseA ?? []), ...(sparseB ?? [])]) }),
    ...((notesA ?? notesB) && { quantizationAnnotations: [...(notesA ?? []), ...(notesB ?? [])] }),
  };
}

function invalid(expected: string): PerceptError {
  return new PerceptError('ONNX_MERGE_INVALID', `Expected ${expected}`);
}
