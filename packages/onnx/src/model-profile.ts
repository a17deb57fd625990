/** What nodes cost in the runs of a session; see {@link Session.profile}. Times are in milliseconds. */
export interface ModelProfile {
  /** Runs that were recorded. */
  readonly runs: number;
  /** Time inside nodes over all runs. */
  readonly totalMs: number;
  /** One row for each operator on each provider, the dearest first; ready for a table. */
  readonly operators: readonly OperatorCost[];
  /** One row for each node as the runtime ran it (fused ones have names of its own), the dearest first. */
  readonly nodes: readonly NodeCost[];
}

/** What one kind of operator cost. */
export interface OperatorCost {
  readonly operator: string;
  /** Where it ran, as onnxruntime calls it: `CPUExecutionProvider`. */
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

interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  /** Microseconds. */
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

const kernel = '_kernel_time';

/** Sums up a trace that onnxruntime wrote (Chrome's trace event format). */
export function profileOf(trace: string): ModelProfile {
  const events = JSON.parse(trace) as readonly TraceEvent[];
  const nodes = new Map<string, { operator: string; provider: string; node: string; calls: number; totalMs: number }>();
  for (const { cat, name = '', dur = 0, args = {} } of events) {
    if (cat !== 'Node' || !name.endsWith(kernel)) continue;
    const node = name.slice(0, -kernel.length);
    const { op_name: operator = '', provider = '' } = args;
    const key = JSON.stringify([node, operator, provider]);
    const cost = nodes.get(key) ?? { operator, provider, node, calls: 0, totalMs: 0 };
    cost.calls += 1;
    cost.totalMs += dur / 1000;
    nodes.set(key, cost);
  }
  const rows = [...nodes.values()];
  const totalMs = rows.reduce((sum, row) => sum + row.totalMs, 0);
  const operators = new Map<string, typeof rows>();
  for (const row of rows) {
    const key = JSON.stringify([row.operator, row.provider]);
    operators.set(key, [...(operators.get(key) ?? []), row]);
  }
  return {
    runs: events.filter(({ cat, name }) => cat === 'Session' && name === 'model_run').length,
    totalMs,
    operators: dearestFirst(
      [...operators.values()].map((group) => ({
        operator: group[0]!.operator,
        provider: group[0]!.provider,
        nodes: group.length,
        calls: group.reduce((sum, row) => sum + row.calls, 0),
        totalMs: group.reduce((sum, row) => sum + row.totalMs, 0),
      })),
      totalMs,
    ),
    nodes: dearestFirst(rows, totalMs),
  };
}

function dearestFirst<Row extends { calls: number; totalMs: number }>(rows: readonly Row[], total: number) {
  return rows
    .map((row) => ({ ...row, meanMs: row.totalMs / row.calls, share: total === 0 ? 0 : row.totalMs / total }))
    .sort((a, b) => b.totalMs - a.totalMs);
}
