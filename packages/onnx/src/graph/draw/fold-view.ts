import type { Family } from './families.js';
import type { ViewBox, ViewEdge, ViewGraph } from './view-graph.js';

/**
 * A view with no more than about `maxNodes` boxes. First, chains (boxes that only feed the next one, which only reads
 * them) become one box each, the longest first; where that is not enough, stretches of the graph in its order do.
 */
export function foldView(view: ViewGraph, maxNodes: number): ViewGraph {
  const nodes = view.boxes.filter(({ kind }) => kind !== 'value');
  if (nodes.length <= maxNodes) return view;
  // Chains of the same operators are folded together, so that equal parts of a network look alike.
  const titles = new Map(view.boxes.map(({ id, title }) => [id, title]));
  const alike = new Map<string, string[][]>();
  for (const chain of chains(view)) {
    const key = chain.map((id) => titles.get(id)).join('→');
    if (chain.length > 1) alike.set(key, [...(alike.get(key) ?? []), chain]);
  }
  const chosen: string[][] = [];
  let count = nodes.length;
  for (const group of [...alike.values()].sort((a, b) => b[0]!.length - a[0]!.length)) {
    if (count <= maxNodes) break;
    chosen.push(...group);
    count -= group.reduce((sum, { length }) => sum + length - 1, 0);
  }
  const folded = merge(view, chosen);
  const left = folded.boxes.filter(({ kind }) => kind !== 'value');
  if (left.length <= maxNodes) return folded;
  const size = Math.ceil(left.length / maxNodes);
  const stretches: string[][] = [];
  for (let at = 0; at < left.length; at += size) stretches.push(left.slice(at, at + size).map(({ id }) => id));
  return merge(folded, stretches);
}

/** Boxes in a row, each the only reader of the only thing that the one before feeds. */
function chains({ boxes, edges }: ViewGraph): string[][] {
  const targets = neighbours(edges, 'from', 'to');
  const sources = neighbours(edges, 'to', 'from');
  const isNode = new Set(boxes.filter(({ kind, inner }) => kind !== 'value' && inner.length === 0).map(({ id }) => id));
  const next = (id: string): string | undefined => {
    const [target, ...others] = targets.get(id) ?? [];
    if (target === undefined || others.length > 0 || !isNode.has(target)) return undefined;
    return sources.get(target)?.size === 1 ? target : undefined;
  };
  const followed = new Set([...isNode].map(next));
  return [...isNode]
    .filter((id) => !followed.has(id))
    .map((id) => {
      const chain = [id];
      for (let at = next(id); at !== undefined; at = next(at)) chain.push(at);
      return chain;
    });
}

function neighbours(edges: readonly ViewEdge[], key: 'from' | 'to', value: 'from' | 'to'): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const edge of edges) found.set(edge[key], (found.get(edge[key]) ?? new Set()).add(edge[value]));
  return found;
}

function merge(view: ViewGraph, groups: readonly (readonly string[])[]): ViewGraph {
  const owner = new Map<string, string>();
  const members = new Map<string, ViewBox[]>();
  const byId = new Map(view.boxes.map((box) => [box.id, box]));
  for (const group of groups) {
    if (group.length < 2) continue;
    const id = `chain ${group[0]}`;
    for (const member of group) owner.set(member, id);
    members.set(
      id,
      group.map((member) => byId.get(member)!),
    );
  }
  const boxes: ViewBox[] = [];
  for (const box of view.boxes) {
    const id = owner.get(box.id);
    if (id === undefined) boxes.push(box);
    else if (members.get(id)![0] === box) boxes.push(chainBox(id, members.get(id)!));
  }
  const edges = new Map<string, ViewEdge>();
  for (const { from, to, label } of view.edges) {
    const edge = { from: owner.get(from) ?? from, to: owner.get(to) ?? to, label };
    if (edge.from !== edge.to) edges.set(JSON.stringify([edge.from, edge.to, label]), edge);
  }
  return { boxes, edges: [...edges.values()] };
}

function chainBox(id: string, boxes: readonly ViewBox[]): ViewBox {
  const titles = boxes.flatMap((box) => (box.kind === 'chain' ? box.lines : [box.title]));
  const lines = repeats(titles);
  const nodes = boxes.reduce((sum, box) => sum + box.nodes, 0);
  return {
    id,
    kind: 'chain',
    family: familyOfChain(boxes),
    title: `${nodes} nodes`,
    lines: lines.length > 6 ? [...lines.slice(0, 5), `… ${lines.length - 5} more`] : lines,
    tooltip: titles.join(' → '),
    inner: [],
    nodes,
  };
}

/** What gives a stretch its character: its convolutions or products, else what most of it is. */
function familyOfChain(boxes: readonly ViewBox[]): Family {
  const counts = new Map<Family, number>();
  for (const { family } of boxes) counts.set(family, (counts.get(family) ?? 0) + 1);
  if (counts.has('convolution')) return 'convolution';
  if (counts.has('linear')) return 'linear';
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** A row of titles in few lines: what comes again and again once, with how often. */
function repeats(titles: readonly string[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < titles.length; ) {
    let best = { period: 1, times: 1 };
    for (let period = 1; period <= Math.min(8, Math.floor((titles.length - at) / 2)); period++) {
      let times = 1;
      while (sameStretch(titles, at, at + times * period, period)) times++;
      if (times > 1 && times * period > best.times * best.period) best = { period, times };
    }
    const { period, times } = best;
    const words = titles.slice(at, at + period).join(' → ');
    lines.push(times === 1 ? words : `${words}  ×${times}`);
    at += period * times;
  }
  return lines;
}

function sameStretch(titles: readonly string[], first: number, second: number, length: number): boolean {
  if (second + length > titles.length) return false;
  for (let offset = 0; offset < length; offset++) if (titles[first + offset] !== titles[second + offset]) return false;
  return true;
}
