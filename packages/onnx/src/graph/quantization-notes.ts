// Annotations that say which values hold the scale and the zero point of a value. They keep those values in the graph as
// a reader does, and go with the value that they are about.
import type { Graph, QuantizationAnnotation } from '../model.js';

/** Whether an annotation names a value as a parameter of another one. */
export function isQuantizationParameter(graph: Graph, value: string): boolean {
  return graph.quantizationAnnotations?.some(({ parameters }) => Object.values(parameters).includes(value)) ?? false;
}

/** Lets annotations name other values as parameters, in place. */
export function renameParameters(graph: Graph, names: ReadonlyMap<string, string>): void {
  for (const { parameters } of graph.quantizationAnnotations ?? []) {
    for (const [role, name] of Object.entries(parameters)) parameters[role] = names.get(name) ?? name;
  }
}

/** Drops the annotations that do not pass, in place. */
export function keepQuantizationNotes(graph: Graph, keep: (annotation: QuantizationAnnotation) => boolean): void {
  if (graph.quantizationAnnotations === undefined) return;
  graph.quantizationAnnotations = graph.quantizationAnnotations.filter(keep);
  if (graph.quantizationAnnotations.length === 0) delete graph.quantizationAnnotations;
}
