import { barPlot, htmlPage, type Plot } from '@percept/report';
import type { SqnrReport } from './sqnr-report.js';
import { tableRows, valueColumns, weightColumns } from './sqnr-table.js';

/** Options of `SqnrReport.html`. */
export interface SqnrPageOptions {
  /** Default `Signal to quantization noise`. */
  readonly title?: string;
}

/** Ratios of the values as bars. */
export function valuePlot({ values }: SqnrReport): Plot {
  const shown = noisiest(values, ({ alone, cumulative }) => alone ?? cumulative);
  const alone = shown.map((row) => row.alone ?? Number.NaN);
  return bars(
    'Signal to quantization noise of the values',
    shown.map(({ value }) => value),
    [
      { name: 'cumulative', values: shown.map((row) => row.cumulative) },
      ...(alone.every(Number.isNaN) ? [] : [{ name: 'alone', values: alone }]),
    ],
  );
}

/** Ratios of the weights as bars. */
export function weightPlot({ weights }: SqnrReport): Plot {
  const shown = noisiest(weights, ({ sqnr }) => sqnr);
  return bars(
    'Signal to quantization noise of the weights',
    shown.map(({ weight }) => weight),
    [{ name: 'weight', values: shown.map(({ sqnr }) => sqnr) }],
  );
}

/** Plots and tables on a page. */
export function sqnrPage(report: SqnrReport, { title = 'Signal to quantization noise' }: SqnrPageOptions): string {
  const { values, weights, images } = report;
  const text = `Over ${images} images, in decibels: 6 dB are one bit. Cumulative noise has gathered from the input on; that of a node alone is its own, fed exact values.`;
  return htmlPage({
    title,
    sections: [
      { text, plot: valuePlot(report) },
      { heading: 'Values', table: tableRows(values), columns: valueColumns },
      ...(weights.length === 0
        ? []
        : [{ heading: 'Weights', plot: weightPlot(report), table: tableRows(weights), columns: weightColumns }]),
    ],
  });
}

const most = 120;

/** The rows with the lowest ratios, in their order. */
function noisiest<Row>(list: readonly Row[], ratio: (row: Row) => number): readonly Row[] {
  if (list.length <= most) return list;
  const limit = list.map(ratio).sort((a, b) => a - b)[most - 1]!;
  return list.filter((row) => ratio(row) <= limit).slice(0, most);
}

function bars(title: string, categories: string[], series: { name: string; values: number[] }[]): Plot {
  const height = Math.max(240, 130 + categories.length * (14 * series.length + 8));
  return barPlot({
    title,
    categories: categories.toReversed(),
    series: series.map(({ name, values }) => ({ name, values: values.toReversed() })),
    horizontal: true,
    x: { label: 'dB' },
    height: Math.min(4096, height),
  });
}
