import type { Attribute, Graph, Model, Node, ValueInfo } from './model.js';

/**
 * A copy of a model that may be edited freely: every object, list and map is new. Only the contents of tensors are
 * shared with the original, so replace a tensor rather than write into its data.
 */
export function cloneModel(model: Model): Model {
  return {
    ...model,
    opsets: { ...model.opsets },
    metadata: { ...model.metadata },
    graph: cloneGraph(model.graph),
    ...cloneUnknown(model),
  };
}

function cloneGraph(graph: Graph): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map(cloneNode),
    inputs: graph.inputs.map(cloneValueInfo),
    outputs: graph.outputs.map(cloneValueInfo),
    valueInfos: graph.valueInfos.map(cloneValueInfo),
    initializers: new Map(graph.initializers),
    ...(graph.opaqueInitializers && { opaqueInitializers: new Map(graph.opaqueInitializers) }),
    ...cloneUnknown(graph),
  };
}

function cloneNode(node: Node): Node {
  return {
    ...node,
    inputs: [...node.inputs],
    outputs: [...node.outputs],
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([name, attribute]) => [name, cloneAttribute(attribute)]),
    ),
    ...cloneUnknown(node),
  };
}

function cloneAttribute(attribute: Attribute): Attribute {
  if (attribute.type === 'graph') return { type: 'graph', value: cloneGraph(attribute.value) };
  return Array.isArray(attribute.value)
    ? ({ ...attribute, value: [...attribute.value] } as Attribute)
    : { ...attribute };
}

function cloneValueInfo(info: ValueInfo): ValueInfo {
  return { ...info, dims: info.dims && [...info.dims], ...cloneUnknown(info) };
}

function cloneUnknown({ unknownFields }: { unknownFields?: Uint8Array[] }): { unknownFields?: Uint8Array[] } {
  return unknownFields === undefined ? {} : { unknownFields: [...unknownFields] };
}
