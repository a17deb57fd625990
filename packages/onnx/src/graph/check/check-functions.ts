import type { Model, ModelFunction, Node } from '../../model.js';
import { operatorSchema } from '../operator-schema.js';
import { subgraphsOf } from '../scope.js';
import { checkFunctionBody } from './check-graph.js';
import type { IssueList } from './issue.js';

/** How a node and the function that it calls name each other. */
export function functionKey({
  domain,
  name,
  overload = '',
}: {
  domain: string;
  name: string;
  overload?: string;
}): string {
  return `${domain}.${name}${overload === '' ? '' : `:${overload}`}`;
}

/** Checks the functions that a model defines: unique, not recursive, of compatible operator sets, valid inside. */
export function checkFunctions(model: Model, isFunction: (node: Node) => boolean, issues: IssueList): void {
  const functions = model.functions ?? [];
  const byKey = new Map<string, ModelFunction>();
  for (const called of functions) {
    const key = functionKey(called);
    const inside = issues.in(`function ${key}`);
    if (called.name === '') inside.add('name', 'a name for the function');
    if (byKey.has(key)) inside.add('function', `one function named ${key} but received two`);
    byKey.set(key, called);
    for (const [what, names] of [
      ['output', called.outputs],
      ['attribute', [...called.attributes, ...Object.keys(called.attributeDefaults)]],
    ] as const) {
      const twice = names.find((name, at) => names.indexOf(name) !== at);
      if (twice !== undefined) inside.add('function', `one ${what} named ${JSON.stringify(twice)} but received two`);
    }
    checkOpsets(called, model, inside);
    const functionAttributes = new Set([...called.attributes, ...Object.keys(called.attributeDefaults)]);
    checkFunctionBody(
      called,
      { opsets: called.opsets, isFunction, functionAttributes, irVersion: model.irVersion },
      inside,
    );
  }
  checkRecursion(byKey, issues);
}

/** A body may import other operator sets than the model as long as its operators are the same in both. */
function checkOpsets(called: ModelFunction, model: Model, issues: IssueList): void {
  for (const node of called.nodes) {
    const inside = called.opsets[node.domain];
    const outside = model.opsets[node.domain];
    if (inside === undefined || outside === undefined || inside === outside) continue;
    const [here, there] = [inside, outside].map(
      (opset) => operatorSchema(node.domain, node.opType, opset)?.sinceVersion,
    );
    if (here !== there) {
      issues.add(
        'opset-import',
        `${node.opType} to be the same in operator set ${inside}, which the function imports, and ${outside} of the model`,
        node,
      );
    }
  }
}

function checkRecursion(functions: ReadonlyMap<string, ModelFunction>, issues: IssueList): void {
  const done = new Set<string>();
  const visit = (key: string, path: readonly string[]): void => {
    if (path.includes(key)) {
      const loop = [...path.slice(path.indexOf(key)), key].join(' → ');
      issues.in(`function ${key}`).add('function', `no function to call itself but received ${loop}`);
      return;
    }
    if (done.has(key)) return;
    for (const callee of calledBy(functions.get(key)!.nodes)) if (functions.has(callee)) visit(callee, [...path, key]);
    done.add(key);
  };
  for (const key of functions.keys()) visit(key, []);
}

function calledBy(nodes: readonly Node[]): Set<string> {
  const keys = new Set<string>();
  for (const node of nodes) {
    keys.add(functionKey({ domain: node.domain, name: node.opType, overload: node.overload ?? '' }));
    for (const graph of subgraphsOf(node)) for (const key of calledBy(graph.nodes)) keys.add(key);
  }
  return keys;
}
