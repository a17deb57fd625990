// Whether a quantized model is what the runtime makes of it: an operator that is left between its conversions computes in
// float and pays for the conversions on top, which is why int8 can be slower than float without a word.
import { parseOptions } from '@percept/core';
import { cloneModel, type Graph, type Model, type Node, type Runtime } from '@percept/onnx';
import * as z from 'zod';
import { optimizedGraph } from '#optimized-graph';
import { FreshNames } from '../../graph/graph-values.js';
import { isStandard } from '../../graph/simplify.js';
import { integerValues, isIntegerKernel } from './integer-values.js';
import { FusionRules } from './why-unfused.js';

/** Options of {@link auditFusion}. */
export interface FusionAuditOptions {
  /** The runtime that will run the model, in Node: `onnxruntimeNode()`. */
  readonly runtime: Runtime;
}

/** An operator of a model, and what the runtime makes of it. */
export interface AuditedNode {
  /** Its name, or its output's where it has none. */
  readonly name: string;
  readonly opType: string;
  /**
   * `integer`: computed on integers. `unfused`: touches quantized values, and is computed in float all the same. `float`:
   * has nothing to do with quantized values. `merged`: a part of another operator, or superfluous.
   */
  readonly kind: 'integer' | 'unfused' | 'float' | 'merged';
  /** The operator that the runtime runs for it. */
  readonly runsAs?: string;
  /** Why it is unfused. */
  readonly reason?: string;
}

/** What {@link auditFusion} found. */
export interface FusionAudit {
  /** Every operator but conversions and constants, in the order of the model. */
  readonly nodes: readonly AuditedNode[];
  /** Those that are computed in float although they touch quantized values. */
  readonly unfused: readonly AuditedNode[];
  /** Conversions that the runtime carries out: QuantizeLinear and DequantizeLinear in the graph that it runs. */
  readonly conversions: number;
}

const schema = z.strictObject({
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
});

const conversions = ['QuantizeLinear', 'DequantizeLinear'];

/**
 * Compares a quantized model with the graph that the runtime runs for it, and names every operator that stayed in float
 * with the reason. Operators in subgraphs are not looked at.
 *
 * @throws PerceptError `INVALID_ARGUMENT`; `OPTIMIZE_AUDIT_UNAVAILABLE` in browsers; what the runtime throws
 */
export async function auditFusion(model: Model, options: FusionAuditOptions): Promise<FusionAudit> {
  const { runtime } = parseOptions(schema, options, 'auditFusion() options');
  const named = withNames(model);
  return compareGraphs(named.graph, await optimizedGraph(named, runtime));
}

/** A copy in which every node has a name of its own: by names the runtime's nodes are found again. */
function withNames(model: Model): Model {
  const copy = cloneModel(model);
  const fresh = new FreshNames(copy.graph);
  const taken = new Set<string>();
  for (const node of copy.graph.nodes) {
    if (node.name === '' || taken.has(node.name)) node.name = fresh.take(node.outputs[0] ?? node.opType);
    taken.add(node.name);
  }
  return copy;
}

/** What became of the operators of `graph` in `optimized`. */
function compareGraphs(graph: Graph, optimized: Graph): FusionAudit {
  const byName = new Map(optimized.nodes.map((node) => [node.name, node]));
  const byOutput = new Map(optimized.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  const integers = integerValues(optimized);
  const rules = new FusionRules(graph);
  const audit = (node: Node): AuditedNode => {
    const { name, opType } = node;
    const made = byName.get(name) ?? byOutput.get(node.outputs[0]!);
    if (made === undefined) return { name, opType, kind: 'merged' };
    const runsAs = made.opType;
    if (isIntegerKernel(made, integers)) return { name, opType, kind: 'integer', runsAs };
    if (!rules.touchesQuantization(node)) return { name, opType, kind: 'float', runsAs };
    return { name, opType, kind: 'unfused', runsAs, reason: rules.whyUnfused(node) };
  };
  const nodes = graph.nodes
    .filter((node) => ![...conversions, 'Constant'].some((opType) => isStandard(node, opType)))
    .map(audit);
  return {
    nodes,
    unfused: nodes.filter(({ kind }) => kind === 'unfused'),
    conversions: optimized.nodes.filter(({ opType }) => conversions.includes(opType)).length,
  };
}
