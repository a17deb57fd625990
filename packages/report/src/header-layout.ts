import { plainText } from './plain-text.js';
import { textWidth, wrapText } from './text-layout.js';
import { fontSize, margin } from './theme.js';

/** Where title and legend stand, in pixels. */
export interface HeaderLayout {
  readonly titleLines: readonly string[];
  readonly legendTop: number;
  readonly names: readonly LegendPlace[];
  /** What stands in the last place of the legend when there is no room for all names. */
  readonly more: { readonly text: string; readonly x: number; readonly row: number } | undefined;
  /** Where the plot begins. */
  readonly bottom: number;
}

interface LegendPlace {
  readonly name: string;
  readonly x: number;
  readonly row: number;
}

/** Measures of the legend. */
export const legendItem = { icon: 16, space: 6, gap: 22, row: 22 };

/** What title and legend leave to the plot at least. */
const leastPlot = 180;
const usualHeight = 420;
const usualPlot = 280;

/** The height of a picture that was not given one: the usual, and more where title and legend take much of it. */
export function heightFor(title: string, legend: readonly string[], width: number): number {
  const { bottom } = headerLayout(title, legend, width, 4096);
  return Math.min(4096, Math.max(usualHeight, bottom + usualPlot));
}

/** Places title and legend in a picture; the legend gets as many rows as leave room for the plot. */
export function headerLayout(title: string, legend: readonly string[], width: number, height: number): HeaderLayout {
  const inner = width - 2 * margin;
  const titleLines = wrapText(plainText(title), fontSize.title, inner);
  const titleHeight = titleLines.length * (fontSize.title + 6);
  const legendTop = margin + titleHeight + (titleLines.length > 0 ? 6 : 0);
  const { places, columns } = legend.length > 1 ? placeLegend(legend, inner) : { places: [], columns: 1 };
  const mostRows = Math.max(1, Math.floor((height - legendTop - leastPlot) / legendItem.row));
  const rows = Math.min(mostRows, (places.at(-1)?.row ?? -1) + 1);
  const cut = places.length > 0 && places.at(-1)!.row >= mostRows;
  const shown = cut ? places.slice(0, Math.max(1, mostRows * columns - 1)) : places;
  const end = places[shown.length];
  return {
    titleLines,
    legendTop,
    names: shown,
    more: cut && end !== undefined ? { ...end, text: `and ${places.length - shown.length} more` } : undefined,
    bottom: legendTop + rows * legendItem.row + 14,
  };
}

/** Names in one row, or in columns of equal width when they need several. */
function placeLegend(names: readonly string[], inner: number): { places: LegendPlace[]; columns: number } {
  const widths = names.map((name) => {
    const text = Math.min(textWidth(name, fontSize.label), inner);
    return legendItem.icon + legendItem.space + text + legendItem.gap;
  });
  const widest = Math.max(...widths);
  const oneRow = widths.reduce((sum, width) => sum + width, -legendItem.gap) <= inner;
  const columns = oneRow ? names.length : Math.max(1, Math.floor((inner + legendItem.gap) / widest));
  let used = 0;
  const places = names.map((name, i) => {
    const x = oneRow ? used : (i % columns) * widest;
    used += widths[i]!;
    return { name, x, row: Math.floor(i / columns) };
  });
  return { places, columns };
}
