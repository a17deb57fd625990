/** What nodes cost in the runs of a session; see {@link Session.profile}. Times are in milliseconds. */
export interface ModelProfile {
  /** Runs that were recorded. */
  readonly runs: number;
  /** Time inside nodes over all runs. A node with a body (If, Loop, Scan) holds the time of the nodes in it as well. */
  readonly totalMs: number;
  /** One row for each operator on each provider, the dearest first; ready for a table. */
  readonly operators: readonly OperatorCost[];
  /** One row for each node as the runtime ran it (fused ones have names of its own), the dearest first. */
  readonly nodes: readonly NodeCost[];
}

/** What one kind of operator cost. */
export interface OperatorCost {
  readonly operator: string;
  /** Where it ran, as the runtime calls it: `CPUExecutionProvider`, `interpreter`. */
  readonly provider: string;
  /** Nodes of this kind. */
  readonly nodes: number;
  readonly calls: number;
  readonly totalMs: number;
  readonly meanMs: number;
  /** Of the time inside all nodes, 0..1. */
  readonly share: number;
}

/** What one node cost. */
export interface NodeCost extends Omit<OperatorCost, 'nodes'> {
  readonly node: string;
}

interface Sum {
  readonly operator: string;
  readonly provider: string;
  calls: number;
  totalMs: number;
}

/** Adds up what nodes cost, call by call. */
export class NodeTimes {
  /** Runs so far. */
  runs = 0;
  readonly #nodes = new Map<string, Sum & { readonly node: string }>();

  add(node: string, operator: string, provider: string, ms: number): void {
    const key = JSON.stringify([node, operator, provider]);
    const sum = this.#nodes.get(key) ?? { node, operator, provider, calls: 0, totalMs: 0 };
    sum.calls += 1;
    sum.totalMs += ms;
    this.#nodes.set(key, sum);
  }

  profile(): ModelProfile {
    const nodes = [...this.#nodes.values()];
    const operators = new Map<string, Sum & { nodes: number }>();
    for (const { operator, provider, calls, totalMs } of nodes) {
      const key = JSON.stringify([operator, provider]);
      const sum = operators.get(key) ?? { operator, provider, nodes: 0, calls: 0, totalMs: 0 };
      sum.nodes += 1;
      sum.calls += calls;
      sum.totalMs += totalMs;
      operators.set(key, sum);
    }
    const totalMs = nodes.reduce((sum, node) => sum + node.totalMs, 0);
    return {
      runs: this.runs,
      totalMs,
      operators: dearestFirst([...operators.values()], totalMs),
      nodes: dearestFirst(nodes, totalMs),
    };
  }
}

function dearestFirst<Row extends Sum>(rows: readonly Row[], total: number) {
  return rows
    .map((row) => ({ ...row, meanMs: row.totalMs / row.calls, share: total === 0 ? 0 : row.totalMs / total }))
    .sort((a, b) => b.totalMs - a.totalMs);
}
