import type { Node } from '../model.js';
import { valuesRead } from './scope.js';

const none: ReadonlySet<never> = new Set();

/** Who makes and who reads each value of a graph. A node reads what the graphs nested in it take from outside. */
export class ValueUses {
  readonly #producers = new Map<string, Node>();
  readonly #readers = new Map<string, Set<Node>>();
  readonly #reads = new Map<Node, ReadonlySet<string>>();

  constructor(nodes: Iterable<Node>) {
    for (const node of nodes) this.link(node);
  }

  producer(value: string): Node | undefined {
    return this.#producers.get(value);
  }

  /** In no order. */
  readers(value: string): ReadonlySet<Node> {
    return this.#readers.get(value) ?? none;
  }

  reads(node: Node): ReadonlySet<string> {
    return this.#reads.get(node) ?? none;
  }

  link(node: Node): void {
    for (const output of node.outputs) if (output !== '') this.#producers.set(output, node);
    const reads = valuesRead(node);
    this.#reads.set(node, reads);
    for (const value of reads) {
      const readers = this.#readers.get(value);
      if (readers === undefined) this.#readers.set(value, new Set([node]));
      else readers.add(node);
    }
  }

  unlink(node: Node): void {
    for (const output of node.outputs) if (this.#producers.get(output) === node) this.#producers.delete(output);
    for (const value of this.reads(node)) {
      const readers = this.#readers.get(value)!;
      readers.delete(node);
      if (readers.size === 0) this.#readers.delete(value);
    }
    this.#reads.delete(node);
  }
}
