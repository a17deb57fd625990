// What is drawn of a graph: boxes and the arrows between them. Constants are no boxes; their shapes stand in the box of the
// node that reads them. A graph nested in a node becomes a picture inside its box.
import type { Graph, Node } from '../../model.js';
import type { ModelTypes, ValueTypes } from '../infer-types.js';
import { valuesRead } from '../scope.js';
import { formatType } from '../shapes/value-type.js';
import { type Family, familyOf } from './families.js';
import { attributeFacts, constantsOf, isConstant, operatorLabel } from './node-facts.js';

/** A box of the drawing. */
export interface ViewBox {
  readonly id: string;
  readonly kind: 'node' | 'value' | 'chain';
  readonly family: Family;
  readonly title: string;
  /** Further lines, smaller. */
  readonly lines: readonly string[];
  /** Everything there is to say, for a tooltip. */
  readonly tooltip: string;
  /** Graphs nested in the node, with the names of their attributes. */
  readonly inner: readonly { readonly name: string; readonly view: ViewGraph }[];
  /** How many nodes it stands for. */
  readonly nodes: number;
}

/** An arrow: a value that one box makes and another one reads. */
export interface ViewEdge {
  readonly from: string;
  readonly to: string;
  /** Shape of the value: `1×64×56×56`. */
  readonly label: string;
}

/** A graph as boxes and arrows. */
export interface ViewGraph {
  readonly boxes: readonly ViewBox[];
  readonly edges: readonly ViewEdge[];
}

/** Makes the view of a graph. `outer` are the types of the values around it. */
export function viewGraph(graph: Graph, types: ModelTypes, outer: ValueTypes = new Map()): ViewGraph {
  const known = new Map([...outer, ...types.of(graph)]);
  const constants = constantsOf(graph);
  const makers = new Map<string, string>();
  const boxes: ViewBox[] = [];
  const edges: ViewEdge[] = [];
  const connect = (value: string, to: string): void => {
    const from = makers.get(value);
    if (from !== undefined) edges.push({ from, to, label: shapeLabel(known, value) });
  };
  const valueBox = (id: string, name: string, family: Family): void => {
    const type = formatType(known.get(name));
    boxes.push({
      id,
      kind: 'value',
      family,
      title: name,
      lines: [type],
      tooltip: `${name}: ${type}`,
      inner: [],
      nodes: 0,
    });
  };
  for (const { name } of graph.inputs) {
    if (constants.has(name)) continue;
    makers.set(name, `in ${name}`);
    valueBox(`in ${name}`, name, 'source');
  }
  for (const [index, node] of graph.nodes.entries()) {
    const id = `node ${index}`;
    if (isConstant(node)) continue;
    boxes.push(nodeBox(id, node, constants, types, known));
    for (const value of valuesRead(node)) connect(value, id);
    for (const output of node.outputs) if (output !== '') makers.set(output, id);
  }
  for (const [index, { name }] of graph.outputs.entries()) {
    const id = `out ${index}`;
    valueBox(id, name, 'source');
    connect(name, id);
  }
  return { boxes, edges };
}

function nodeBox(
  id: string,
  node: Node,
  constants: ReturnType<typeof constantsOf>,
  types: ModelTypes,
  known: ValueTypes,
): ViewBox {
  const shapes = node.inputs
    .map((name) => constants.get(name))
    .filter((constant) => constant !== undefined && constant.type !== 'int64' && constant.dims.length > 0)
    .map((constant) => constant!.dims.join('×'));
  const facts = attributeFacts(node);
  const tooltip = [
    `${operatorLabel(node)}${node.name === '' ? '' : ` ${node.name}`}`,
    `reads ${node.inputs.join(', ') || 'nothing'}`,
    `makes ${node.outputs.map((name) => `${name}: ${formatType(known.get(name))}`).join(', ')}`,
    ...facts,
  ].join('\n');
  const inner = Object.entries(node.attributes).flatMap(([name, attribute]) =>
    attribute.type === 'graph' ? [{ name, view: viewGraph(attribute.value, types, known) }] : [],
  );
  const lines = [
    ...(shapes.length > 0 ? [shapes.slice(0, 3).join(', ')] : []),
    ...(facts.length > 0 ? [facts.slice(0, 3).join(', ')] : []),
  ];
  return {
    id,
    kind: 'node',
    family: familyOf(node.opType),
    title: operatorLabel(node),
    lines,
    tooltip,
    inner,
    nodes: 1,
  };
}

function shapeLabel(known: ValueTypes, value: string): string {
  const type = known.get(value);
  if (type?.kind !== 'tensor') return type === undefined ? '' : type.kind;
  return type.dims?.map((dim) => dim ?? '?').join('×') ?? '';
}
