// Brings the nodes of the default domain from one operator set to a later one, version by version: at each, the nodes whose
// operator has a new version there are adapted (adapters.ts). Other domains stay as they are. Going back is not offered.
import { isPerceptError, PerceptError } from '@percept/core';
import { cloneModel } from '../../clone-model.js';
import type { Graph, Model, ModelFunction, Node } from '../../model.js';
import type { TypeProto } from '../../model-types.js';
import { GraphEditor } from '../graph-editor.js';
import { inferTypes, type ModelTypes } from '../infer-types.js';
import { raiseIrVersion } from '../ir-version.js';
import { type OperatorSchema, operatorHistory } from '../operator-schema.js';
import { adapterContext, unconvertible } from './adapter.js';
import { adapters, widened } from './adapters.js';

/** The operator sets between which models can be brought. */
export const convertibleOpsets = { oldest: 6, newest: 22 } as const;

/**
 * A copy of a model whose nodes are of another, later operator set of the default domain, and compute the same. Nested
 * graphs and the bodies of functions are converted too; the given model is not changed.
 *
 * @param opset - the operator set to arrive at, up to 22
 * @throws PerceptError `ONNX_OPSET_UNCONVERTIBLE`, naming node, operator and versions; `INVALID_ARGUMENT` for an operator
 *   set that is out of range or older than the model's
 */
export function convertOpset(model: Model, opset: number): Model {
  const from = model.opsets[''];
  const { oldest, newest } = convertibleOpsets;
  if (!Number.isInteger(opset) || opset > newest || opset < oldest) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected an opset from ${oldest} to ${newest} but received ${opset}`);
  }
  if (from === undefined || from === opset) return cloneModel(model);
  if (from < oldest || from > opset) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a model of opset ${oldest} to ${opset} but received one of ${from}`,
    );
  }
  const result = cloneModel(model);
  raiseIrVersion(result, opset);
  const types = typesOf(result);
  convertGraph(new GraphEditor(result.graph), from, opset, [types?.of(result.graph) ?? new Map()], types);
  result.opsets[''] = opset;
  for (const called of result.functions ?? []) convertFunction(called, opset);
  return result;
}

/** Types help some adapters; a model whose shapes contradict each other is converted without. */
function typesOf(model: Model): ModelTypes | undefined {
  try {
    return inferTypes(model);
  } catch (error) {
    if (isPerceptError(error)) return undefined;
    throw error;
  }
}

type KnownTypes = readonly ReadonlyMap<string, TypeProto>[];

function convertGraph(
  editor: GraphEditor,
  from: number,
  to: number,
  known: KnownTypes,
  types: ModelTypes | undefined,
): void {
  const type = (value: string): TypeProto | undefined => known.findLast((scope) => scope.has(value))?.get(value);
  for (let version = from + 1; version <= to; version++) {
    for (const node of [...editor.graph.nodes]) convertNode(node, version, editor, type);
  }
  for (const node of editor.graph.nodes) {
    for (const [name, attribute] of Object.entries(node.attributes)) {
      if (attribute.type !== 'graph') continue;
      const inner = types?.of(attribute.value) ?? new Map<string, TypeProto>();
      convertGraph(editor.subgraph(node, name), from, to, [...known, inner], types);
    }
  }
}

function convertNode(
  node: Node,
  version: number,
  editor: GraphEditor,
  type: (value: string) => TypeProto | undefined,
): void {
  if (node.domain !== '') return;
  const history = operatorHistory('', node.opType);
  const at = history.findIndex(({ sinceVersion }) => sinceVersion === version);
  const previous = history[at - 1];
  if (at <= 0 || previous === undefined) return;
  const versions = [previous.sinceVersion, version] as const;
  const adapter = adapters.get(`${node.opType} ${version}`);
  if (adapter !== undefined) adapter(adapterContext(node, editor, type, versions));
  else if (!widened[node.opType]?.includes(version) && !sameSignature(previous, history[at]!)) {
    unconvertible(node, versions, 'what changed between them has no adapter');
  }
}

/** Whether two versions of an operator differ in nothing but the element types that they take. */
export function sameSignature(first: OperatorSchema, second: OperatorSchema): boolean {
  const signature = ({ inputs, outputs, attributes, deprecated }: OperatorSchema): string =>
    JSON.stringify([
      inputs.map(({ name, kind }) => [name, kind]),
      outputs.length,
      [...attributes.values()],
      deprecated,
    ]);
  return signature(first) === signature(second);
}

/** Converts a function's body; constants that this adds become Constant nodes, since functions have no initializers. */
function convertFunction(called: ModelFunction, opset: number): void {
  const from = called.opsets[''];
  if (from === undefined || from >= opset) return;
  const info = (name: string) => ({ name, type: undefined, dims: undefined, docString: '' });
  const graph: Graph = {
    name: called.name,
    nodes: called.nodes,
    inputs: called.inputs.map(info),
    outputs: called.outputs.map(info),
    initializers: new Map(),
    valueInfos: called.valueInfos,
    docString: '',
  };
  convertGraph(new GraphEditor(graph), from, opset, [], undefined);
  const constants = [...graph.initializers].map(
    ([name, value]): Node => ({
      name: '',
      opType: 'Constant',
      domain: '',
      inputs: [],
      outputs: [name],
      attributes: { value: { type: 'tensor', value } },
      docString: '',
    }),
  );
  called.nodes = [...constants, ...graph.nodes];
  called.valueInfos = graph.valueInfos;
  called.opsets[''] = opset;
}
