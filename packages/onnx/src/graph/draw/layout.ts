import { Graph as LayoutGraph, layout } from '@dagrejs/dagre';
import type { ViewBox, ViewEdge, ViewGraph } from './view-graph.js';

/** A box with its place: the upper left corner. */
export interface PlacedBox {
  readonly box: ViewBox;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Pictures of nested graphs, relative to the box. */
  readonly inner: readonly {
    readonly name: string;
    readonly x: number;
    readonly y: number;
    readonly picture: Picture;
  }[];
}

/** An arrow with its way. */
export interface PlacedEdge {
  readonly edge: ViewEdge;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Middle of the label. */
  readonly label: { readonly x: number; readonly y: number } | undefined;
}

/** A view with the place of everything in it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly PlacedEdge[];
}

const padding = 10;
const titleHeight = 18;
const lineHeight = 14;
/** Above each nested picture: the name of its attribute. */
export const captionHeight = 18;

/** About how wide a text is, in a font that is not at hand: that of DejaVu Sans, which is a wide one. */
function textWidth(text: string, size: number): number {
  let units = 0;
  for (const letter of text)
    units += /[ijl.,:;|!'’ ]/.test(letter)
      ? 0.34
      : /[mwMW@→…]/.test(letter)
        ? 0.95
        : /[A-Z×_0-9]/.test(letter)
          ? 0.67
          : 0.6;
  return units * size;
}

/** Lays a view out from top to bottom (the layered method of Sugiyama, by dagre). */
export function layoutView(view: ViewGraph): Picture {
  const graph = new LayoutGraph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 34, edgesep: 14, marginx: 16, marginy: 16 });
  const sized = new Map(view.boxes.map((box) => [box.id, sizeOf(box)]));
  for (const [id, { width, height }] of sized) graph.setNode(id, { width, height });
  for (const [at, { from, to, label }] of view.edges.entries()) {
    const width = label === '' ? 0 : textWidth(label, 10) + 8;
    graph.setEdge(from, to, { width, height: label === '' ? 0 : 13, labelpos: 'c' }, `${at}`);
  }
  layout(graph);
  const boxes = view.boxes.map((box): PlacedBox => {
    const { x = 0, y = 0 } = graph.node(box.id);
    const { width, height, inner } = sized.get(box.id)!;
    return { box, x: x - width / 2, y: y - height / 2, width, height, inner };
  });
  const edges = view.edges.map((edge, at): PlacedEdge => {
    const { points = [], x, y } = graph.edge(edge.from, edge.to, `${at}`);
    return { edge, points, label: edge.label === '' || x === undefined || y === undefined ? undefined : { x, y } };
  });
  const { width = 0, height = 0 } = graph.graph();
  return { width: Math.max(1, width), height: Math.max(1, height), boxes, edges };
}

function sizeOf(box: ViewBox): Pick<PlacedBox, 'width' | 'height' | 'inner'> {
  const inner: { name: string; x: number; y: number; picture: Picture }[] = [];
  const textHeight = titleHeight + lineHeight * box.lines.length;
  let width = Math.max(textWidth(box.title, 13), ...box.lines.map((line) => textWidth(line, 10.5))) + 2 * padding;
  let height = textHeight + padding;
  if (box.inner.length > 0) {
    const top = textHeight + padding + captionHeight;
    let x = padding;
    for (const { name, view } of box.inner) {
      const picture = layoutView(view);
      inner.push({ name, x, y: top, picture });
      x += picture.width + padding;
      height = Math.max(height, top + picture.height + padding);
    }
    width = Math.max(width, x);
  }
  return { width: Math.max(56, width), height, inner };
}
