import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { type AxisOptions, axisSchema, axisTooltip, sizeSchema, valueAxis } from './axis.js';
import type { Drawing } from './chart-option.js';
import { plainText } from './plain-text.js';
import { axisNumber } from './plot-number.js';

/** Options of {@link histogramPlot}. */
export interface HistogramPlotOptions {
  title: string;
  /** Edges of the bins, strictly ascending: one more than there are bins. */
  edges: readonly number[];
  /** Outlines over the same bins, drawn over one another. */
  series: readonly HistogramSeries[];
  x?: AxisOptions;
  y?: AxisOptions;
  /** Pixels, 240..4096. Default 720. */
  width?: number;
  /** Pixels, 180..4096. Default 420. */
  height?: number;
}

/** One outline of {@link histogramPlot}. */
export interface HistogramSeries {
  name: string;
  /** Height of each bin: the share of values in it (or their count), not a density. Not negative. */
  shares: readonly number[];
}

const schema = z.strictObject({
  title: z.string(),
  edges: z.array(axisNumber).min(2),
  series: z.array(
    z.strictObject({
      name: z.string(),
      shares: z.array(axisNumber.refine((share) => share >= 0, 'shares of at least 0')),
    }),
  ),
  x: axisSchema,
  y: axisSchema,
  ...sizeSchema,
});

/** Checks the options of a histogram and lays it out. */
export function histogramDrawing(options: HistogramPlotOptions): Drawing {
  const { title, edges, series, x, y, width, height } = parseOptions(schema, options, 'histogramPlot() options');
  const fall = edges.findIndex((edge, i) => i > 0 && edge <= edges[i - 1]!);
  if (fall !== -1) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected strictly ascending edges of histogramPlot() options but received ${edges[fall - 1]} before ${edges[fall]}`,
    );
  }
  for (const { name, shares } of series) {
    if (shares.length !== edges.length - 1) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected ${edges.length - 1} shares (one for each bin) for series ${name} of histogramPlot() options but received ${shares.length}`,
      );
    }
  }
  return {
    title,
    width,
    height,
    legend: series.map(({ name }) => plainText(name)),
    empty: series.length === 0,
    tooltip: axisTooltip('axis'),
    axes: {
      xAxis: valueAxis(x, 'horizontal', { grid: false }),
      yAxis: valueAxis(y, 'vertical', { fromZero: true }),
    },
    series: series.map(({ name, shares }) => ({
      type: 'line',
      name: plainText(name),
      step: 'end',
      symbol: 'none',
      lineStyle: { width: 1.75 },
      areaStyle: { opacity: 0.22 },
      // Each share holds from its edge to the next; the outline rises from 0 and falls back to it.
      data: [
        [edges[0]!, 0],
        ...shares.map((share, i): [number, number] => [edges[i]!, share]),
        [edges.at(-1)!, shares.at(-1)!],
        [edges.at(-1)!, 0],
      ],
    })),
  };
}
