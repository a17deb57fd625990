import { PerceptError } from '@percept/core';
import { valuesRead } from './graph/scope.js';
import type { Graph, Node } from './model.js';

/**
 * The nodes of a graph in an order in which every value is made before it is used (also where a nested graph uses it).
 * Among the nodes that could come next, the one that stands first in the graph does, so a sorted graph keeps its order.
 * The graph is not changed.
 *
 * @throws PerceptError `ONNX_GRAPH_INVALID` when values depend on themselves or two nodes make the same value; for a
 *   cycle, the message and `details.loop` name its values
 */
export function topologicalSort(graph: Graph): Node[] {
  const { nodes } = graph;
  const producers = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (producers.has(output)) {
        throw new PerceptError('ONNX_GRAPH_INVALID', `Expected one node to make ${output} but received two`);
      }
      producers.set(output, index);
    }
  }
  const users: number[][] = nodes.map(() => []);
  const missing = nodes.map((node, index) => {
    const needed = new Set<number>();
    for (const value of valuesRead(node)) {
      const producer = producers.get(value);
      if (producer !== undefined) needed.add(producer);
    }
    for (const producer of needed) users[producer]!.push(index);
    return needed.size;
  });

  const ready = new IndexHeap();
  for (const [index, count] of missing.entries()) if (count === 0) ready.push(index);
  const sorted: Node[] = [];
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    sorted.push(nodes[index]!);
    for (const user of users[index]!) if (--missing[user]! === 0) ready.push(user);
  }
  if (sorted.length < nodes.length) {
    const loop = findLoop(nodes, producers, missing);
    throw new PerceptError(
      'ONNX_GRAPH_INVALID',
      `Expected a graph without cycles but these values depend on each other: ${loop.join(' → ')}`,
      { details: { loop } },
    );
  }
  return sorted;
}

/** The values of one cycle, in the order in which they depend on each other; the first one stands again at the end. */
function findLoop(
  nodes: readonly Node[],
  producers: ReadonlyMap<string, number>,
  missing: readonly number[],
): string[] {
  // Every node that could not be sorted waits for another such node, so walking from maker to maker must come round.
  const path: { readonly index: number; readonly needs: string }[] = [];
  const seen = new Map<number, number>();
  let index = missing.findIndex((count) => count > 0);
  while (!seen.has(index)) {
    seen.set(index, path.length);
    const needs = [...valuesRead(nodes[index]!)].find((value) => {
      const producer = producers.get(value);
      return producer !== undefined && missing[producer]! > 0;
    })!;
    path.push({ index, needs });
    index = producers.get(needs)!;
  }
  const loop = path.slice(seen.get(index)).map(({ needs }) => needs);
  return [...loop, loop[0]!].toReversed();
}

/** A binary min-heap of indices. */
class IndexHeap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= last) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
