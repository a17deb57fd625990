import type { Graph } from '../model.js';
import { constantMaps, graphsWithin } from './scope.js';

/**
 * Puts a prefix before every name of a graph, in place: of values and nodes. Symbolic dimensions stay as they
 * are. Nested graphs are renamed with it.
 *
 * @param except - values that keep their names
 */
export function prefixNames(graph: Graph, prefix: string, except: ReadonlySet<string> = new Set()): void {
  if (prefix === '') return;
  const renamed = (name: string): string => (name === '' || except.has(name) ? name : `${prefix}${name}`);
  for (const inner of [...graphsWithin(graph)]) {
    for (const info of new Set([...inner.inputs, ...inner.outputs, ...inner.valueInfos]))
      info.name = renamed(info.name);
    for (const map of constantMaps(inner)) {
      const entries = [...map];
      map.clear();
      for (const [name, value] of entries) map.set(renamed(name), value);
    }
    for (const node of inner.nodes) {
      node.inputs = node.inputs.map(renamed);
      node.outputs = node.outputs.map(renamed);
      if (node.name !== '') node.name = `${prefix}${node.name}`;
    }
    for (const annotation of inner.quantizationAnnotations ?? []) {
      annotation.tensorName = renamed(annotation.tensorName);
      for (const [role, name] of Object.entries(annotation.parameters)) annotation.parameters[role] = renamed(name);
    }
  }
}
