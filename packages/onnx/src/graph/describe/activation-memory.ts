import { elementCount } from '@percept/core';
import type { Graph } from '../../model.js';
import type { TypeProto } from '../../model-types.js';
import { elementBits } from '../element-bits.js';
import type { ModelTypes } from '../infer-types.js';
import { constantNames, subgraphsOf, valuesRead } from '../scope.js';
import { numericDims } from './multiply-accumulates.js';

/** The largest amount of memory that values take at one time. */
export interface PeakMemory {
  /** Bytes; `undefined` when the size of some value is not known. */
  readonly bytes: number | undefined;
  /** Index of the node at which it is reached. */
  readonly node: number;
}

/**
 * Peak memory of the values of a graph when its nodes run in order: an input or output lives from when it is made to its
 * last use, outputs of the graph to the end; every value has memory of its own. While a node with a nested graph runs, the
 * peak of that graph comes on top. Constants are not counted.
 */
export function peakActivations(graph: Graph, types: ModelTypes): PeakMemory {
  const known = types.of(graph);
  const constants = new Set(constantNames(graph));
  const lastUse = new Map<string, number>();
  for (const [index, node] of graph.nodes.entries()) for (const value of valuesRead(node)) lastUse.set(value, index);
  for (const { name } of graph.outputs) lastUse.set(name, graph.nodes.length);

  const sizes = new Map<string, number>();
  let live = 0;
  const make = (name: string): boolean => {
    const bytes = bytesOf(known.get(name));
    if (bytes === undefined) return false;
    sizes.set(name, bytes);
    live += bytes;
    return true;
  };
  for (const { name } of graph.inputs) if (!constants.has(name) && !make(name)) return { bytes: undefined, node: 0 };
  let peak = { bytes: live, node: 0 };
  for (const [index, node] of graph.nodes.entries()) {
    for (const name of node.outputs) if (name !== '' && !make(name)) return { bytes: undefined, node: index };
    let inside = 0;
    for (const inner of subgraphsOf(node)) {
      const { bytes } = peakActivations(inner, types);
      if (bytes === undefined) return { bytes: undefined, node: index };
      inside = Math.max(inside, bytes);
    }
    if (live + inside > peak.bytes) peak = { bytes: live + inside, node: index };
    for (const [name, bytes] of [...sizes]) {
      if ((lastUse.get(name) ?? -1) > index) continue;
      sizes.delete(name);
      live -= bytes;
    }
  }
  return peak;
}

/** Bytes of a value; a sequence's are not known. */
function bytesOf(type: TypeProto | undefined): number | undefined {
  const dims = type?.kind === 'tensor' ? numericDims(type.dims) : undefined;
  const bits = type?.kind === 'tensor' ? elementBits(type.elementType) : undefined;
  return dims && bits && Math.ceil((elementCount(dims) * bits) / 8);
}
