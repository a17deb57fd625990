import type { Attribute, Graph, ModelFunction, Node } from '../model.js';

/** The body of a function as a graph, its references to attributes replaced by those of the calling node. */
export function functionBody(called: ModelFunction, caller: Node): Graph {
  const given = { ...called.attributeDefaults, ...caller.attributes };
  return {
    name: called.name,
    nodes: called.nodes.map((node) => resolved(node, given)),
    inputs: called.inputs.map(untyped),
    outputs: called.outputs.map(untyped),
    initializers: new Map(),
    valueInfos: [],
    docString: '',
  };
}

function untyped(name: string): Graph['inputs'][number] {
  return { name, type: undefined, dims: undefined, docString: '' };
}

function resolved(node: Node, given: Readonly<Record<string, Attribute>>): Node {
  const attributes: Record<string, Attribute> = {};
  for (const [name, attribute] of Object.entries(node.attributes)) {
    // A reference to an attribute that the caller leaves out means that the inner node leaves it out too.
    const value = attribute.type === 'reference' ? given[attribute.value] : resolvedGraphs(attribute, given);
    if (value !== undefined) attributes[name] = value;
  }
  return { ...node, attributes };
}

function resolvedGraphs(attribute: Attribute, given: Readonly<Record<string, Attribute>>): Attribute {
  if (attribute.type !== 'graph') return attribute;
  const graph = attribute.value;
  return { type: 'graph', value: { ...graph, nodes: graph.nodes.map((node) => resolved(node, given)) } };
}
