import { isPerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { cloneModel } from '../../clone-model.js';
import type { Model } from '../../model.js';
import { functionKey } from '../check/check-functions.js';
import type { NodeEvaluator } from '../evaluate-constants.js';
import { GraphEditor } from '../graph-editor.js';
import { inferTypes, type ModelTypes } from '../infer-types.js';
import { raiseIrVersion } from '../ir-version.js';
import { graphsWithin } from '../scope.js';
import { bypassIdentities } from './bypass-identities.js';
import { type FoldOptions, foldConstants, type KnownValues } from './fold-constants.js';
import { mergeCommonSubexpressions } from './merge-common.js';

/** What {@link simplifyModel} made. */
export interface SimplifiedModel {
  readonly model: Model;
  /** Nodes replaced by constants. */
  readonly folded: number;
  /** Nodes that computed what another one does. */
  readonly merged: number;
  /** Nodes that passed their input on. */
  readonly bypassed: number;
  /** Nodes that no output depended on. */
  readonly removed: number;
}

const schema = z.strictObject({
  evaluate: z.optional(z.custom<NodeEvaluator>((value) => typeof value === 'function')),
  maxGrowth: z.optional(z.number().check(z.minimum(0))),
});

/**
 * A model that computes the same with fewer nodes: constants folded, pass-through nodes taken out, common subexpressions
 * merged, dead code removed, nested graphs included, again and again until nothing changes. Inputs and outputs keep their
 * names. Folded values are computed in double and rounded once, so that results may differ in the last bit from those of
 * a runtime that computes in single precision. The given model is not changed. Up to IR version 3, where every constant
 * had to be an input, those inputs go.
 *
 * @throws PerceptError `ONNX_GRAPH_INVALID` for a graph with a cycle; `INVALID_ARGUMENT`
 */
export function simplifyModel(model: Model, options: FoldOptions = {}): SimplifiedModel {
  const parsed = parseOptions(schema, options, 'simplifyModel() options') as FoldOptions;
  const result = cloneModel(model);
  const opset = result.opsets[''] ?? 1;
  if (result.irVersion < 4) raiseIrVersion(result, opset);
  const counts = { folded: 0, merged: 0, bypassed: 0, removed: 0 };
  for (let before = -1, total = 0; before !== total; ) {
    before = total;
    const types = typesOf(result);
    simplifyGraph(new GraphEditor(result.graph), types, result.opsets, parsed, counts);
    total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  }
  dropUnusedFunctions(result);
  return { model: result, ...counts };
}

function typesOf(model: Model): ModelTypes | undefined {
  try {
    return inferTypes(model);
  } catch (error) {
    // A model whose shapes contradict each other is simplified as far as that does not matter.
    if (isPerceptError(error, 'ONNX_SHAPE_INVALID') || isPerceptError(error, 'ONNX_ATTRIBUTE_INVALID'))
      return undefined;
    throw error;
  }
}

function simplifyGraph(
  editor: GraphEditor,
  types: ModelTypes | undefined,
  opsets: Readonly<Record<string, number>>,
  options: FoldOptions,
  counts: Record<'folded' | 'merged' | 'bypassed' | 'removed', number>,
): void {
  const { graph } = editor;
  const opset = opsets[''] ?? 1;
  const known: KnownValues = {
    type: (value) => types?.of(graph).get(value),
    contents: (value) => types?.contentsOf(graph).get(value),
  };
  counts.bypassed += bypassIdentities(editor, known.type, opset);
  counts.folded += foldConstants(editor, known, opsets, options);
  counts.merged += mergeCommonSubexpressions(editor, opset);
  counts.removed += editor.removeUnused();
  for (const node of graph.nodes) {
    for (const [name, attribute] of Object.entries(node.attributes)) {
      if (attribute.type === 'graph') simplifyGraph(editor.subgraph(node, name), types, opsets, options, counts);
    }
  }
}

function dropUnusedFunctions(model: Model): void {
  if (model.functions === undefined) return;
  const byKey = new Map(model.functions.map((called) => [functionKey(called), called]));
  const used = new Set<string>();
  const use = (nodes: Model['graph']['nodes']): void => {
    for (const node of nodes) {
      const key = functionKey({ domain: node.domain, name: node.opType, overload: node.overload ?? '' });
      if (!byKey.has(key) || used.has(key)) continue;
      used.add(key);
      useAll(byKey.get(key)!.nodes);
    }
  };
  const useAll = (nodes: Model['graph']['nodes']): void => {
    for (const inner of graphsWithin({ ...model.graph, nodes })) use(inner.nodes);
  };
  useAll(model.graph.nodes);
  model.functions = model.functions.filter((called) => used.has(functionKey(called)));
}
