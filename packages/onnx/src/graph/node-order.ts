import type { Graph, Node } from '../model.js';
import { topologicalSort } from '../topological-sort.js';

/**
 * The order of a graph's nodes under edits. Every node has a number that grows along `graph.nodes`, so that "stands
 * before" is one comparison and a node's index is found by bisection.
 */
export class NodeOrder {
  readonly #graph: Graph;
  readonly #positions = new Map<Node, number>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.sort();
  }

  has(node: Node): boolean {
    return this.#positions.has(node);
  }

  /** Grows along the graph. */
  position(node: Node): number {
    return this.#positions.get(node)!;
  }

  indexOf(node: Node): number {
    const { nodes } = this.#graph;
    const position = this.position(node);
    let low = 0;
    let high = nodes.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.position(nodes[middle]!) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(at: number, added: readonly Node[]): void {
    const { nodes } = this.#graph;
    nodes.splice(at, 0, ...added);
    const before = at === 0 ? -1 : this.position(nodes[at - 1]!);
    const next = nodes[at + added.length];
    const after = next === undefined ? before + 1 + added.length : this.position(next);
    const step = (after - before) / (added.length + 1);
    if (step > 1e-6) {
      for (const [index, node] of added.entries()) this.#positions.set(node, before + step * (index + 1));
    } else {
      this.#number();
    }
  }

  remove(node: Node): void {
    this.#graph.nodes.splice(this.indexOf(node), 1);
    this.#positions.delete(node);
  }

  /** Keeps only the nodes that pass, and gives those that do not. */
  filter(keep: (node: Node) => boolean): Node[] {
    const removed = this.#graph.nodes.filter((node) => !keep(node));
    for (const node of removed) this.#positions.delete(node);
    this.#graph.nodes = this.#graph.nodes.filter((node) => this.#positions.has(node));
    return removed;
  }

  /** Puts the nodes in topological order. */
  sort(): void {
    this.#graph.nodes = topologicalSort(this.#graph);
    this.#number();
  }

  #number(): void {
    for (const [index, node] of this.#graph.nodes.entries()) this.#positions.set(node, index);
  }
}
