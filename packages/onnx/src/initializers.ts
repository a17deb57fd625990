import type { Tensor } from '@percept/core';
import type { Graph } from './model.js';
import { isRawTensor, type RawTensor } from './model-tensors.js';
import { inOrder, keepOrder } from './spelling.js';
import type { Kept } from './wire-hints.js';

type Initializer = [name: string, tensor: Tensor | RawTensor];

/** The dense constants of a graph in the order of the file. */
export function orderedInitializers(graph: Graph): Initializer[] {
  return inOrder<Tensor | RawTensor>([...graph.initializers, ...(graph.rawInitializers ?? [])], graph);
}

/** Constants as a graph holds them; where that loses their order, it is noted in `kept`. */
export function groupInitializers(
  entries: readonly Initializer[],
  kept: Kept,
): Pick<Graph, 'initializers' | 'rawInitializers'> {
  const initializers = new Map<string, Tensor>();
  const raw = new Map<string, RawTensor>();
  for (const [name, tensor] of entries) {
    if (isRawTensor(tensor)) raw.set(name, tensor);
    else initializers.set(name, tensor);
  }
  const names = entries.map(([name]) => name);
  keepOrder(names, [...initializers.keys(), ...raw.keys()], kept, 'initializers');
  return { initializers, ...(raw.size > 0 && { rawInitializers: raw }) };
}

/** Replaces the dense constants of a graph. */
export function setInitializers(graph: Graph, entries: readonly Initializer[]): void {
  delete graph.rawInitializers;
  if (graph.wire) delete graph.wire.order;
  Object.assign(graph, groupInitializers(entries, graph));
}
