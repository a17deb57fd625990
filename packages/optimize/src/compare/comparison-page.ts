import { parseOptions } from '@percept/core';
import {
  barPlot,
  type HtmlSection,
  histogramPlot,
  htmlPage,
  type LineSeries,
  linePlot,
  type Plot,
} from '@percept/report';
import * as z from 'zod';
import type { ComparisonFigures, ComparisonRow } from './comparison-json.js';
import {
  costTable,
  type FigureTable,
  figuresOf,
  isShare,
  latencyTable,
  measuredWith,
  percent,
  resultTable,
  settingsOf,
} from './comparison-table.js';

/** Options of `Comparison.html`. */
export interface ComparisonPageOptions {
  /** Default `Models compared`. */
  readonly title?: string;
}

const schema = z.strictObject({ title: z.string().default('Models compared') });

/** The figures as one HTML document that opens without network. */
export function comparisonPage(figures: ComparisonFigures, options: ComparisonPageOptions): string {
  const { title } = parseOptions(schema, options, 'html() options');
  const { rows, notes } = figures;
  const sections: HtmlSection[] = [
    { text: measuredWith(figures), ...tableOf(resultTable(figures)) },
    ...notes.map((note) => ({ text: note })),
    { heading: 'Score against latency', text: frontText(rows), plot: scorePlot(figures) },
    { heading: 'Size', plot: sizePlot(rows) },
    { heading: 'Cost', ...tableOf(costTable(figures)) },
    { heading: 'Latency', ...tableOf(latencyTable(figures)) },
    ...settingsOf(rows).map(({ label }) => ({ plot: distributionPlot(rows, label) })),
  ];
  return htmlPage({ title, sections });
}

function tableOf({ rows, columns }: FigureTable): HtmlSection {
  return { table: rows, columns };
}

function frontText(rows: readonly ComparisonRow[]): string {
  const names = rows.filter((row) => row.pareto).map((row) => row.name);
  return `On the Pareto front, where no other model is both as good and as fast: ${names.join(', ')}.`;
}

/**
 * Score against median latency, with the intervals of both as a cross at each model, and the Pareto front as a line from
 * model to model.
 */
function scorePlot({ rows, confidence }: ComparisonFigures): Plot {
  const { metric } = rows[0]!.score;
  const unit = isShare(rows[0]!) ? 100 : 1;
  const place = (row: ComparisonRow) => [row.latency.p50, unit * row.score.value] as const;
  const front = rows.filter((row) => row.pareto).sort((a, b) => a.latency.p50 - b.latency.p50);
  return linePlot({
    title: `${metric} against latency, ${percent(confidence)} intervals`,
    x: { label: `median latency (ms), ${settingsOf(rows)[0]!.label}` },
    y: { label: unit === 100 ? `${metric} (%)` : metric },
    series: [
      ...rows.map((row): LineSeries => {
        const [x, y] = place(row);
        const across = row.latencies[0]!.p50Interval ?? { lower: x, upper: x };
        const up = row.score.interval ?? { lower: row.score.value, upper: row.score.value };
        return {
          name: row.name,
          points: [
            [across.lower, y],
            [x, y],
            [across.upper, y],
            // Lifts the pen between the two strokes.
            [x, Number.NaN],
            [x, unit * up.lower],
            [x, y],
            [x, unit * up.upper],
          ],
        };
      }),
      { name: 'Pareto front', points: front.map(place) },
    ],
  });
}

/** Bytes of the files, as they are and after gzip. */
function sizePlot(rows: readonly ComparisonRow[]): Plot {
  return barPlot({
    title: 'Size of the files',
    categories: rows.map((row) => row.name),
    y: { label: 'kB' },
    series: [
      { name: 'file', values: rows.map((row) => row.bytes / 1000) },
      { name: 'gzip', values: rows.map((row) => row.gzipBytes / 1000) },
    ],
  });
}

const bins = 40;

/** How the latencies of the models spread in one setting, without the slowest hundredth, which would squeeze the rest. */
function distributionPlot(rows: readonly ComparisonRow[], setting: string): Plot {
  const timed = rows.flatMap((row) => {
    const figures = figuresOf(row, setting);
    return figures === undefined ? [] : [{ name: row.name, milliseconds: figures.milliseconds }];
  });
  const ascending = timed.flatMap(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const low = ascending[0]!;
  const high = ascending[Math.floor(0.99 * (ascending.length - 1))]!;
  const width = (high > low ? high - low : Math.max(low, 1e-3)) / bins;
  return histogramPlot({
    title: `Latency, ${setting}`,
    edges: Array.from({ length: bins + 1 }, (_, at) => low + at * width),
    x: { label: 'ms' },
    y: { label: 'share of the runs' },
    series: timed.map(({ name, milliseconds }) => {
      const shares = new Array<number>(bins).fill(0);
      for (const time of milliseconds) {
        const bin = Math.min(bins - 1, Math.floor((time - low) / width));
        if (time <= low + bins * width) shares[bin]! += 1 / milliseconds.length;
      }
      return { name, shares };
    }),
  });
}
