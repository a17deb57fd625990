import type { Graph, ModelFunction, Node, ValueInfo } from '../../model.js';
import { constantNames } from '../scope.js';
import { checkNode, type NodeScope } from './check-node.js';
import { checkSparseTensor, checkTensor } from './check-tensor.js';
import type { IssueList } from './issue.js';

/** Names that are taken in the graphs around. */
type Names = ReadonlySet<string>;

/** Checks a graph and the graphs nested in it: names, single assignment, order, outputs, constants, nodes. */
export function checkGraph(
  graph: Graph,
  outer: Names,
  scope: NodeScope & { readonly irVersion: number; readonly nested: boolean },
  issues: IssueList,
): void {
  if (graph.name === '') issues.add('name', 'a name for the graph');
  for (const info of [...graph.inputs, ...graph.outputs]) checkValueInfo(info, scope.nested, issues);

  const own = new Set<string>();
  for (const { name } of graph.inputs) {
    if (own.has(name)) issues.add('single-assignment', `one input named ${JSON.stringify(name)} but received two`);
    own.add(name);
  }
  checkConstants(graph, own, scope, issues);
  const known = new Set([...outer, ...own]);
  for (const node of graph.nodes) {
    checkReads(node, known, issues);
    checkNode(node, scope, issues);
    for (const [name, inner] of nestedGraphs(node)) {
      const where = `${issues.graph}/${node.name === '' ? (node.outputs[0] ?? node.opType) : node.name}.${name}`;
      checkGraph(inner, known, { ...scope, nested: true }, issues.in(where));
    }
    for (const output of node.outputs) {
      if (output === '') continue;
      if (known.has(output)) issues.add('single-assignment', `${output} to be made once, as every value,`, node);
      known.add(output);
      own.add(output);
    }
  }
  for (const { name } of graph.outputs) {
    if (!own.has(name)) issues.add('output-not-made', `output ${JSON.stringify(name)} to be made in the graph`);
  }
}

/** Checks a function of a model: names, single assignment, order, outputs, nodes. */
export function checkFunctionBody(
  called: ModelFunction,
  scope: NodeScope & { readonly irVersion: number },
  issues: IssueList,
): void {
  const known = new Set<string>();
  for (const name of called.inputs) {
    if (known.has(name)) issues.add('single-assignment', `one input named ${JSON.stringify(name)} but received two`);
    known.add(name);
  }
  for (const node of called.nodes) {
    checkReads(node, known, issues);
    checkNode(node, scope, issues);
    for (const [name, inner] of nestedGraphs(node)) {
      checkGraph(inner, known, { ...scope, nested: true }, issues.in(`${issues.graph}/${node.opType}.${name}`));
    }
    for (const output of node.outputs) {
      if (output === '') continue;
      if (known.has(output)) issues.add('single-assignment', `${output} to be made once, as every value,`, node);
      known.add(output);
    }
  }
  for (const name of called.outputs) {
    if (!known.has(name)) issues.add('output-not-made', `output ${JSON.stringify(name)} to be made in the function`);
  }
}

function checkReads(node: Node, known: Names, issues: IssueList): void {
  for (const input of node.inputs) {
    if (input === '' || known.has(input)) continue;
    issues.add('undefined-value', `a value that is made before for input ${JSON.stringify(input)}`, node);
  }
}

function* nestedGraphs(node: Node): Generator<[string, Graph]> {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (attribute.type === 'graph') yield [name, attribute.value];
    if (attribute.type === 'graphs')
      for (const [at, graph] of attribute.value.entries()) yield [`${name}[${at}]`, graph];
  }
}

function checkConstants(
  graph: Graph,
  own: Set<string>,
  { irVersion, nested }: { readonly irVersion: number; readonly nested: boolean },
  issues: IssueList,
): void {
  const seen = new Set<string>();
  for (const name of constantNames(graph)) {
    if (name === '') issues.add('name', 'a name for every initializer');
    if (seen.has(name))
      issues.add('single-assignment', `one initializer named ${JSON.stringify(name)} but received two`);
    seen.add(name);
    if (irVersion < 4 && !nested && !own.has(name)) {
      issues.add('value-type', `initializer ${name} to be an input too, as IR version ${irVersion} asks`);
    }
    own.add(name);
  }
  for (const [name, tensor] of graph.initializers) checkTensor(tensor, `initializer ${name}`, issues);
  for (const [name, tensor] of graph.rawInitializers ?? []) checkTensor(tensor, `initializer ${name}`, issues);
  for (const [name, tensor] of graph.sparseInitializers ?? []) checkSparseTensor(tensor, name, issues);
}

function checkValueInfo(info: ValueInfo, nested: boolean, issues: IssueList): void {
  if (info.name === '') issues.add('name', 'a name for every input and output of the graph');
  if (nested) return;
  const { valueType } = info;
  const what = `${JSON.stringify(info.name)}, an input or output of the model`;
  if (valueType === undefined || valueType.kind === 'tensor' || valueType.kind === 'sparseTensor') {
    const type = valueType === undefined ? info.type : valueType.elementType;
    const dims = valueType === undefined ? info.dims : valueType.dims;
    if (type === undefined) issues.add('value-type', `an element type for ${what}`);
    if (dims === undefined) issues.add('value-type', `a shape for ${what}`);
  } else if (valueType.kind === 'none') {
    issues.add('value-type', `a type for ${what}`);
  } else if ((valueType.kind === 'sequence' || valueType.kind === 'optional') && valueType.elementType === undefined) {
    issues.add('value-type', `an element type for ${what}`);
  } else if (valueType.kind === 'map' && (valueType.keyType === undefined || valueType.valueType === undefined)) {
    issues.add('value-type', `types of keys and values for ${what}`);
  } else if (valueType.kind === 'opaque' && valueType.name === '') {
    issues.add('value-type', `the name of the opaque type for ${what}`);
  }
}
