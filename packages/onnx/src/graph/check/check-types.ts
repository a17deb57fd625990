import { isPerceptError } from '@percept/core';
import type { Graph, Model, Node } from '../../model.js';
import type { ValueTypes } from '../infer-types.js';
import { inferTypes, type ModelTypes } from '../infer-types.js';
import { type OperatorSchema, operatorSchema } from '../operator-schema.js';
import { parameterAt, schemaTypeText } from '../schema-types.js';
import { subgraphsOf } from '../scope.js';
import type { IssueList } from './issue.js';

/** Checks types and shapes, as far as they can be inferred, against the type constraints of the operators. */
export function checkTypes(model: Model, issues: IssueList): void {
  let types: ModelTypes;
  try {
    types = inferTypes(model);
  } catch (error) {
    if (!isPerceptError(error)) throw error;
    const rule = error.code === 'ONNX_ATTRIBUTE_INVALID' ? 'attribute' : 'shape';
    issues.add(rule, error.message.replace(/^Expected /, ''));
    return;
  }
  checkGraphTypes(model.graph, new Map(), types, model.opsets, issues);
}

function checkGraphTypes(
  graph: Graph,
  outer: ValueTypes,
  types: ModelTypes,
  opsets: Readonly<Record<string, number>>,
  issues: IssueList,
): void {
  const known = new Map([...outer, ...types.of(graph)]);
  for (const node of graph.nodes) {
    const schema = operatorSchema(node.domain, node.opType, opsets[node.domain] ?? 1);
    if (schema !== undefined && node.domain !== 'com.microsoft') checkNodeTypes(node, schema, known, issues);
    for (const inner of subgraphsOf(node)) {
      checkGraphTypes(inner, known, types, opsets, issues.in(`${issues.graph}/${node.opType}`));
    }
  }
}

function checkNodeTypes(node: Node, schema: OperatorSchema, known: ValueTypes, issues: IssueList): void {
  const bound = new Map<string, string>();
  const check = (side: 'input' | 'output', index: number, name: string): void => {
    const parameter = parameterAt(side === 'input' ? schema.inputs : schema.outputs, index);
    const type = schemaTypeText(known.get(name));
    if (parameter === undefined || type === undefined) return;
    const allowed = parameter.variable ? schema.typeConstraints.get(parameter.type) : new Set([parameter.type]);
    const what = `${side} ${parameter.name} (${name})`;
    if (allowed !== undefined && !allowed.has(type)) {
      issues.add('type-constraint', `${oneOf(allowed)} for ${what} but received ${type}`, node);
      return;
    }
    if (!parameter.variable || !parameter.homogeneous) return;
    const other = bound.get(parameter.type);
    if (other !== undefined && other !== type) {
      issues.add('type-constraint', `${other}, the type of its other values, for ${what} but received ${type}`, node);
    }
    bound.set(parameter.type, type);
  };
  for (const [index, name] of node.inputs.entries()) if (name !== '') check('input', index, name);
  for (const [index, name] of node.outputs.entries()) if (name !== '') check('output', index, name);
}

function oneOf(types: ReadonlySet<string>): string {
  const list = [...types].sort();
  return list.length === 1 ? list[0]! : `one of ${list.join(', ')}`;
}
