import { float16ToFloat32, parseOptions, type Tensor } from '@percept/core';
import * as z from 'zod/mini';
import type { Graph, Model, Node } from '../../model.js';
import { isRawTensor, type RawTensor } from '../../model-tensors.js';
import { type InferenceOptions, inferTypes, type ModelTypes, type ValueTypes } from '../infer-types.js';
import { printable } from '../printable.js';
import { formatType } from '../shapes/value-type.js';
import { attributeFacts, constantsOf, isConstant, operatorLabel } from './node-facts.js';

const schema = z.looseObject({ maxNodes: z.optional(z.int().check(z.minimum(1))) });

/** Options of {@link drawText}. */
export interface DrawTextOptions extends InferenceOptions {
  /** Nodes that are shown; of more, only the first and last ones are. Default 1000. */
  maxNodes?: number;
}

/**
 * A model as a table of text, one line a node in graph order: its number, operator, what it reads (numbers of nodes, names
 * of inputs, shapes of constants), the type of what it makes, its attributes. Graphs nested in a node stand below it,
 * indented. Constant nodes are shown where they are read.
 *
 * @throws PerceptError as `inferTypes`
 */
export function drawText(model: Model, options: DrawTextOptions = {}): string {
  const { maxNodes = 1000 } = parseOptions(schema, options, 'drawText() options');
  const types = inferTypes(model, options.inputDims === undefined ? {} : { inputDims: options.inputDims });
  const rows: Row[] = [];
  listGraph(model.graph, { types, references: new Map(), outer: new Map(), indent: '', prefix: '' }, rows);
  const shown = shorten(rows, maxNodes);
  const header: Row = { number: '#', operator: 'operator', reads: 'reads', makes: 'makes', facts: 'attributes' };
  const columns = ['number', 'operator', 'reads', 'makes'] as const;
  const widths = columns.map((column) =>
    Math.min(60, Math.max(...[header, ...shown].map((row) => row[column].length))),
  );
  const line = (row: Row): string =>
    [
      ...columns.map((column, at) =>
        column === 'number' ? row[column].padStart(widths[at]!) : row[column].padEnd(widths[at]!),
      ),
      row.facts,
    ]
      .join('  ')
      .trimEnd();
  return [
    `${model.graph.name || 'graph'}: ${rows.filter(({ isNode }) => isNode).length} nodes`,
    line(header),
    ...shown.map(line),
  ]
    .map(printable)
    .join('\n');
}

interface Row {
  readonly number: string;
  readonly operator: string;
  readonly reads: string;
  readonly makes: string;
  readonly facts: string;
  readonly isNode?: boolean;
}

interface Place {
  readonly types: ModelTypes;
  /** How a value is referred to: the number of the node that makes it, or a name. */
  readonly references: Map<string, string>;
  readonly outer: ValueTypes;
  readonly indent: string;
  readonly prefix: string;
}

function listGraph(graph: Graph, place: Place, rows: Row[]): void {
  const { types, indent, prefix } = place;
  const references = new Map(place.references);
  const known = new Map([...place.outer, ...types.of(graph)]);
  const typed = (name: string): string => formatType(known.get(name));
  const plain = (operator: string, reads: string, makes: string): void => {
    rows.push({ number: '', operator: `${indent}${operator}`, reads, makes, facts: '' });
  };
  const constants = constantsOf(graph);
  for (const [name, constant] of constants) references.set(name, constantText(constant));
  for (const { name } of graph.inputs) {
    if (constants.has(name)) continue;
    references.set(name, name);
    plain('input', '', `${name} ${typed(name)}`);
  }
  for (const [index, node] of graph.nodes.entries()) {
    if (isConstant(node)) continue;
    const number = `${prefix}${index + 1}`;
    rows.push({
      ...nodeRow(node, number, references, typed),
      operator: `${indent}${operatorLabel(node)}`,
      isNode: true,
    });
    for (const [at, output] of node.outputs.entries()) references.set(output, at === 0 ? number : `${number}:${at}`);
    const nested = Object.entries(node.attributes).filter(([, { type }]) => type === 'graph');
    for (const [at, [name, attribute]] of nested.entries()) {
      if (attribute.type !== 'graph') continue;
      plain(`└ ${name}`, '', '');
      // Graphs of one node are told apart by letters: 2a.1, 2b.1.
      const letter = nested.length === 1 ? '' : String.fromCharCode(97 + at);
      const inner = { types, references, outer: known, indent: `${indent}  `, prefix: `${number}${letter}.` };
      listGraph(attribute.value, inner, rows);
    }
  }
  for (const { name } of graph.outputs) plain('output', references.get(name) ?? name, `${name} ${typed(name)}`);
}

function nodeRow(
  node: Node,
  number: string,
  references: ReadonlyMap<string, string>,
  typed: (name: string) => string,
): Row {
  const reads = node.inputs.map((name) => (name === '' ? '–' : (references.get(name) ?? name))).join(' ');
  const made = node.outputs.filter((name) => name !== '');
  const makes = made.slice(0, 3).map(typed).join(', ') + (made.length > 3 ? `, … ${made.length - 3} more` : '');
  return { number, operator: '', reads, makes, facts: attributeFacts(node).join('; ') };
}

/** A scalar's value, the shape of anything larger. */
function constantText(constant: Tensor | RawTensor): string {
  const value = constant.dims.length === 0 && !isRawTensor(constant) ? constant.data[0] : undefined;
  if (value === undefined) return `[${constant.dims.join(',')}]`;
  if (constant.type === 'float16') return `${Number(float16ToFloat32(Number(value)).toPrecision(4))}`;
  return typeof value === 'number' ? `${Number(value.toPrecision(4))}` : `${value}`;
}

/** The first and last rows, where there are more nodes than wanted. */
function shorten(rows: readonly Row[], maxNodes: number): readonly Row[] {
  const nodes = rows.flatMap(({ isNode }, at) => (isNode ? [at] : []));
  if (nodes.length <= maxNodes) return rows;
  const first = Math.ceil(maxNodes / 2);
  const left = `⋮ ${nodes.length - maxNodes} more nodes`;
  return [
    ...rows.slice(0, nodes[first]),
    { number: '', operator: left, reads: '', makes: '', facts: '' },
    ...rows.slice(nodes[nodes.length - (maxNodes - first)] ?? nodes.at(-1)! + 1),
  ];
}
