import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import type { Model } from '../../model.js';
import { type InferenceOptions, inferTypes } from '../infer-types.js';
import { foldView } from './fold-view.js';
import { captionHeight, layoutView, type Picture, type PlacedBox, type PlacedEdge } from './layout.js';
import { drawThemes, styleRules } from './theme.js';
import { viewGraph } from './view-graph.js';

/** Options of {@link drawSvg}. */
export interface DrawSvgOptions extends InferenceOptions {
  /** `auto` follows the reader's setting (`prefers-color-scheme`). Default `auto`. */
  theme?: 'light' | 'dark' | 'auto';
  /** Boxes that are drawn; of more, chains and stretches of nodes become one box each. Default 200. */
  maxNodes?: number;
}

const schema = z.looseObject({
  theme: z._default(z.enum(['light', 'dark', 'auto']), 'auto'),
  maxNodes: z._default(z.int().check(z.minimum(1)), 200),
});

/**
 * A model as a picture: an SVG document of its own, without script or outside references. Nodes are boxes coloured by
 * family (convolutions, activations, pooling, …), values are arrows with their shapes, constants stand in the boxes that
 * read them, nested graphs are drawn inside their node. Pointing at a box tells everything about it.
 *
 * @throws PerceptError as `inferTypes`
 */
export function drawSvg(model: Model, options: DrawSvgOptions = {}): string {
  const { theme, maxNodes } = parseOptions(schema, options, 'drawSvg() options');
  const types = inferTypes(model, options.inputDims === undefined ? {} : { inputDims: options.inputDims });
  const picture = layoutView(foldView(viewGraph(model.graph, types), maxNodes));
  const [width, height] = [Math.ceil(picture.width), Math.ceil(picture.height)];
  const rules = styleRules(drawThemes[theme === 'dark' ? 'dark' : 'light']);
  const followed = theme === 'auto' ? `@media (prefers-color-scheme:dark){${styleRules(drawThemes.dark)}}` : '';
  const title = xml(model.graph.name || 'graph');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="DejaVu Sans, Verdana, sans-serif">`,
    `<title>${title}</title><style>${rules}${followed}</style>`,
    `<rect class="background" width="${width}" height="${height}"/>`,
    drawPicture(picture, 0, 0),
    '</svg>',
  ].join('\n');
}

function drawPicture({ edges, boxes }: Picture, x: number, y: number): string {
  const content = [...edges.map(drawEdge), ...boxes.map(drawBox)].join('\n');
  return x === 0 && y === 0 ? content : `<g transform="translate(${round(x)} ${round(y)})">\n${content}\n</g>`;
}

function drawBox({ box, x, y, width, height, inner }: PlacedBox): string {
  const centre = round(width / 2);
  const lines = box.lines.map(
    (line, at) => `<text class="detail" text-anchor="middle" x="${centre}" y="${33 + 14 * at}">${xml(line)}</text>`,
  );
  const shadow =
    box.kind === 'chain'
      ? `<rect class="${box.family}" x="4" y="4" width="${round(width)}" height="${round(height)}" rx="6"/>`
      : '';
  const nested = inner.map(({ name, x: left, y: top, picture }) =>
    [
      `<rect class="panel" x="${round(left)}" y="${round(top - captionHeight)}" width="${round(picture.width)}" height="${round(picture.height + captionHeight)}" rx="4"/>`,
      `<text class="detail" x="${round(left + 8)}" y="${round(top - 5)}">${xml(name)}</text>`,
      drawPicture(picture, left, top),
    ].join('\n'),
  );
  return [
    `<g transform="translate(${round(x)} ${round(y)})"><title>${xml(box.tooltip)}</title>`,
    `${shadow}<rect class="${box.family}" width="${round(width)}" height="${round(height)}" rx="${box.kind === 'value' ? round(height / 2) : 6}"/>`,
    `<text class="title" text-anchor="middle" x="${centre}" y="18">${xml(box.title)}</text>`,
    ...lines,
    ...nested,
    '</g>',
  ].join('');
}

function drawEdge({ edge, points, label }: PlacedEdge): string {
  if (points.length < 2) return '';
  const last = points.at(-1)!;
  const before = points.at(-2)!;
  const angle = Math.atan2(last.y - before.y, last.x - before.x);
  const tip = (turn: number): string =>
    `${round(last.x - 8 * Math.cos(angle + turn))},${round(last.y - 8 * Math.sin(angle + turn))}`;
  const head = `<polygon class="head" points="${round(last.x)},${round(last.y)} ${tip(0.42)} ${tip(-0.42)}"/>`;
  const line = `<path class="edge" d="${curve(points)}"/>${head}`;
  if (label === undefined) return line;
  const width = edge.label.length * 6.2 + 4;
  return [
    line,
    `<rect class="halo" x="${round(label.x - width / 2)}" y="${round(label.y - 7)}" width="${round(width)}" height="13" rx="2"/>`,
    `<text class="label" text-anchor="middle" x="${round(label.x)}" y="${round(label.y + 3.5)}">${xml(edge.label)}</text>`,
  ].join('');
}

/** A smooth way through points: straight to the middle of each pair, bent at each point. */
function curve(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1)!;
  const parts = [`M${round(first!.x)} ${round(first!.y)}`];
  for (const [at, point] of rest.slice(0, -1).entries()) {
    const next = rest[at + 1]!;
    parts.push(
      `Q${round(point.x)} ${round(point.y)} ${round((point.x + next.x) / 2)} ${round((point.y + next.y) / 2)}`,
    );
  }
  return `${parts.join('')}L${round(last.x)} ${round(last.y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as XML can hold it: markup escaped, control characters (which XML forbids) replaced. */
function xml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character]!)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '�');
}
