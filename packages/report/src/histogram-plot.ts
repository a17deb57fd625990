import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { type AxisOptions, axisSchema, axisTooltip, sizeSchema, valueAxis } from './axis.js';
import type { Drawing } from './chart-option.js';
import { heightFor } from './header-layout.js';
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
  /** Pixels, 180..4096. Default 420, and more where title and legend need it. */
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
  const { title, edges, series, x, y, width, ...size } = parseOptions(schema, options, 'histogramPlot() options');
  const legend = series.map(({ name }) => plainText(name));
  const height = size.height ?? heightFor(title, legend, width);
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
  // Even the lowest share must be seen above the end of a logarithmic axis.
  const shares = series.flatMap((one) =>
    one.shares.flatMap((share) => (y.scale === 'log' ? [share, share / 1.5] : share)),
  );
  const yAxis = valueAxis(y, 'vertical', { values: shares, length: height, fromZero: true });
  // A logarithmic axis has no 0: its lower end stands for it.
  const floor = y.scale === 'log' ? (yAxis.min ?? 0) : 0;
  return {
    title,
    width,
    height,
    legend,
    empty: series.length === 0,
    tooltip: axisTooltip('axis', x, y),
    axes: {
      xAxis: valueAxis(x, 'horizontal', { values: edges, length: width, grid: false }),
      yAxis,
    },
    series: series.map(({ name, shares }) => ({
      type: 'line',
      name: plainText(name),
      step: 'end',
      symbol: 'none',
      lineStyle: { width: 1.75 },
      areaStyle: { opacity: 0.22, origin: 'start' },
      // Each share holds from its edge to the next; the outline rises from 0 and falls back to it.
      data: [
        [edges[0]!, floor],
        ...shares.map((share, i): [number, number] => [edges[i]!, Math.max(floor, share)]),
        [edges.at(-1)!, Math.max(floor, shares.at(-1)!)],
        [edges.at(-1)!, floor],
      ],
    })),
  };
}
