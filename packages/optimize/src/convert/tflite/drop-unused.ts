import type { TfliteGraph } from './graph.js';

/** Drops operators and tensors that no output depends on, and counts the tensors anew. */
export function dropUnused(graph: TfliteGraph): void {
  const used = new Set([...graph.inputs, ...graph.outputs]);
  graph.operators = graph.operators
    .toReversed()
    .filter(({ inputs, outputs }) => {
      const isUsed = outputs.some((output) => used.has(output));
      if (isUsed) for (const index of [...inputs, ...outputs]) used.add(index);
      return isUsed;
    })
    .reverse();
  const kept = [...graph.tensors.keys()].filter((index) => used.has(index));
  const now = new Map(kept.map((index, at) => [index, at]));
  const renumber = (indices: readonly number[]) => indices.map((index) => (index < 0 ? index : now.get(index)!));
  graph.tensors = kept.map((index) => graph.tensors[index]!);
  graph.inputs = renumber(graph.inputs);
  graph.outputs = renumber(graph.outputs);
  for (const operator of graph.operators) {
    operator.inputs = renumber(operator.inputs);
    operator.outputs = renumber(operator.outputs);
  }
}
