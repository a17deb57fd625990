import { bytesPerElement, elementCount, type Tensor, tensor } from '@percept/core';
import type { Dimension, Node } from '../../model.js';
import type { TypeProto } from '../../model-types.js';
import { elementBits } from '../element-bits.js';
import { interpretNode, type NodeEvaluator } from '../evaluate-constants.js';
import type { GraphEditor } from '../graph-editor.js';
import { subgraphsOf } from '../scope.js';
import { isRandom } from './random-operators.js';

/** How much constant folding may do. */
export interface FoldOptions {
  /** Computes a node. Default: the reference interpreter. */
  evaluate?: NodeEvaluator;
  /**
   * Bytes of constants that folding one node may add, beyond the constants that nothing else reads and that go with it.
   * Default 1024, so that a small formula is not replaced by a large table.
   */
  maxGrowth?: number;
}

/** What is known of the values of the graph at hand. */
export interface KnownValues {
  type(value: string): TypeProto | undefined;
  contents(value: string): readonly Dimension[] | undefined;
}

/**
 * Replaces nodes by what they always give: those whose inputs are all constant, and integer computations on shapes that
 * are known. Nodes that are random, of other domains, or hold graphs stay; so does DequantizeLinear, whose constants are
 * small because they are quantized, and what makes a graph output.
 *
 * @returns how many nodes went
 */
export function foldConstants(
  editor: GraphEditor,
  known: KnownValues,
  opsets: Readonly<Record<string, number>>,
  { evaluate = interpretNode, maxGrowth = 1024 }: FoldOptions,
): number {
  let count = 0;
  for (const node of [...editor.graph.nodes]) {
    if (!mayFold(node, editor, opsets[''] ?? 1)) continue;
    // Before computing, so that nothing large is ever made.
    const limit = maxGrowth + freedBytes(node, editor);
    if (node.opType !== 'Constant' && !(expectedBytes(node, known) <= limit)) continue;
    const outputs = knownOutputs(node, known) ?? computed(node, editor, opsets, evaluate);
    if (outputs === undefined) continue;
    editor.replaceByConstants(node, outputs);
    count++;
  }
  return count;
}

function mayFold(node: Node, editor: GraphEditor, opset: number): boolean {
  if (isRandom(node, editor, opset) || node.opType === 'DequantizeLinear') return false;
  return subgraphsOf(node).length === 0 && !node.outputs.some((name) => editor.isOutput(name));
}

/** An integer tensor that follows from shapes alone. */
function knownOutputs(node: Node, known: KnownValues): readonly Tensor[] | undefined {
  const [name, ...others] = node.outputs.filter((output) => output !== '');
  if (name === undefined || others.length > 0) return undefined;
  const type = known.type(name);
  const contents = known.contents(name);
  if (type?.kind !== 'tensor' || !contents?.every((item) => typeof item === 'number')) return undefined;
  const { elementType, dims } = type;
  if ((elementType !== 'int64' && elementType !== 'int32') || !dims?.every((dim) => typeof dim === 'number'))
    return undefined;
  if (elementCount(dims) !== contents.length || !contents.every(Number.isSafeInteger)) return undefined;
  return [elementType === 'int64' ? tensor('int64', dims, contents.map(BigInt)) : tensor('int32', dims, contents)];
}

function computed(
  node: Node,
  editor: GraphEditor,
  opsets: Readonly<Record<string, number>>,
  evaluate: NodeEvaluator,
): readonly (Tensor | undefined)[] | undefined {
  const inputs = node.inputs.map((name) => editor.constant(name));
  if (inputs.some((input, at) => input === undefined && node.inputs[at] !== '')) return undefined;
  const outputs = evaluate(node, inputs, opsets);
  return node.outputs.every((name, at) => name === '' || outputs?.[at] !== undefined) ? outputs : undefined;
}

/** Operators whose outputs are no larger than their inputs, although their shapes depend on elements. */
const selecting = new Set(['Compress', 'NonZero', 'Unique']);

/** Bytes of what a node makes; infinite where that is not known beforehand. */
function expectedBytes(node: Node, known: KnownValues): number {
  if (selecting.has(node.opType)) return 0;
  let sum = 0;
  for (const name of node.outputs) {
    if (name === '') continue;
    const type = known.type(name);
    const dims = type?.kind === 'tensor' ? type.dims : undefined;
    const bits = type?.kind === 'tensor' ? elementBits(type.elementType) : undefined;
    if (bits === undefined || !dims?.every((dim) => typeof dim === 'number')) return Number.POSITIVE_INFINITY;
    sum += (elementCount(dims) * bits) / 8;
  }
  return sum;
}

/** Bytes of the constants that nothing but this node reads. */
function freedBytes(node: Node, editor: GraphEditor): number {
  let bytes = 0;
  for (const name of new Set(node.inputs)) {
    const constant = editor.graph.initializers.get(name);
    if (constant !== undefined && editor.readers(name).length === 1 && !editor.isOutput(name))
      bytes += bytesOf(constant);
  }
  return bytes;
}

function bytesOf({ type, dims, data }: Tensor): number {
  if (type === 'string') return (data as string[]).reduce((sum, text) => sum + text.length, 0);
  return elementCount(dims) * bytesPerElement(type)!;
}
