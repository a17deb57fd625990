import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { cloneModel } from '../clone-model.js';
import type { Graph, Model, Node, ValueInfo } from '../model.js';
import type { TypeProto } from '../model-types.js';
import { inferTypes } from './infer-types.js';
import { keepQuantizationNotes } from './quantization-notes.js';
import { constantMaps, definedValues, valuesRead } from './scope.js';

/** Where to cut a model, see {@link extractSubgraph}. */
export interface SubgraphBounds {
  /** Values that become inputs. What is computed before them is left out. */
  readonly inputs: readonly string[];
  /** Values that become outputs. */
  readonly outputs: readonly string[];
}

const schema = z.strictObject({ inputs: z.array(z.string()), outputs: z.array(z.string()) });

/**
 * The part of a model between some values and others, as a model of its own (as `onnx.utils.extract_model`): the nodes
 * that the outputs depend on, back to the inputs, with their constants, declared types and the functions of the model.
 * Inputs and outputs have the types that are declared or inferred. Tensors are shared with the given model, which is not
 * changed.
 *
 * @throws PerceptError `ONNX_EDIT_INVALID` when a name is no value of the model, or an output depends on an input of the
 *   model that is not among `inputs`; `INVALID_ARGUMENT`
 */
export function extractSubgraph(model: Model, bounds: SubgraphBounds): Model {
  const { inputs, outputs } = parseOptions(schema, bounds, 'extractSubgraph() bounds');
  const result = cloneModel(model);
  const { graph } = result;
  const known = definedValues(graph);
  for (const name of [...inputs, ...outputs]) {
    if (!known.has(name)) throw invalid(`a value of the model but received ${JSON.stringify(name)}`);
  }
  const cut = new Set(inputs);
  const constants = new Set(constantMaps(graph).flatMap((map) => [...map.keys()]));
  const { nodes, read } = neededNodes(graph, cut, outputs);
  const missing = graph.inputs.filter(({ name }) => read.has(name) && !cut.has(name) && !constants.has(name));
  if (missing.length > 0) {
    throw invalid(`inputs that cut off ${outputs.join(', ')} but they depend on input ${missing[0]!.name}. Add it`);
  }
  const types = inferTypes(result).values;
  const declared = new Map([...graph.inputs, ...graph.outputs, ...graph.valueInfos].map((info) => [info.name, info]));
  const describe = (name: string): ValueInfo => typedInfo(name, declared.get(name), types.get(name));
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const isKept = (name: string): boolean => made.has(name) || read.has(name);
  keepQuantizationNotes(
    graph,
    ({ tensorName, parameters }) =>
      isKept(tensorName) && Object.values(parameters).every((name) => isKept(name) || constants.has(name)),
  );
  for (const { parameters } of graph.quantizationAnnotations ?? []) {
    for (const name of Object.values(parameters)) read.add(name);
  }
  for (const map of constantMaps(graph)) {
    for (const name of [...map.keys()]) if (!read.has(name) || cut.has(name)) map.delete(name);
  }
  const overridable = graph.inputs.filter(({ name }) => read.has(name) && !cut.has(name));
  const ends = new Set(outputs);
  result.graph = {
    ...graph,
    nodes,
    inputs: [...[...cut].map(describe), ...overridable],
    outputs: [...ends].map(describe),
    valueInfos: [...graph.valueInfos, ...graph.outputs].filter(
      ({ name }) => made.has(name) && !ends.has(name) && !cut.has(name),
    ),
  };
  return result;
}

/** The nodes that some values depend on, up to a cut, in graph order, and every name that they or the outputs read. */
function neededNodes(graph: Graph, cut: ReadonlySet<string>, outputs: readonly string[]) {
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) if (output !== '') producers.set(output, node);
  const needed = new Set<Node>();
  const read = new Set<string>();
  const waiting = [...outputs];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (read.has(name)) continue;
    read.add(name);
    const producer = cut.has(name) ? undefined : producers.get(name);
    if (producer === undefined || needed.has(producer)) continue;
    needed.add(producer);
    waiting.push(...valuesRead(producer));
  }
  for (const node of needed) {
    const clash = node.outputs.find((output) => cut.has(output));
    if (clash !== undefined) {
      throw invalid(`inputs that no kept node makes but ${clash} is made together with another needed value`);
    }
  }
  return { nodes: graph.nodes.filter((node) => needed.has(node)), read };
}

function typedInfo(name: string, declared: ValueInfo | undefined, inferred: TypeProto | undefined): ValueInfo {
  const info = declared ?? { name, type: undefined, dims: undefined, docString: '' };
  if (info.valueType !== undefined || inferred === undefined) return info;
  if (inferred.kind !== 'tensor' || typeof inferred.elementType === 'number') return { ...info, valueType: inferred };
  return { ...info, type: inferred.elementType, dims: inferred.dims && [...inferred.dims] };
}

function invalid(expected: string): PerceptError {
  return new PerceptError('ONNX_EDIT_INVALID', `Expected ${expected}`);
}
