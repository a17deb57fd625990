import { parseOptions } from '@percept/core';
import type { LineSeriesOption } from 'echarts/charts';
import * as z from 'zod';
import { type AxisOptions, axisSchema, sizeSchema, valueAxis } from './axis.js';
import type { Drawing } from './draw-svg.js';
import { plainText } from './plain-text.js';
import { anyNumber, plotNumber } from './plot-number.js';
import { dashes, palette } from './theme.js';

/** Options of {@link linePlot}. */
export interface LinePlotOptions {
  title: string;
  x?: AxisOptions;
  y?: AxisOptions;
  /**
   * Lines, drawn in order. A point whose y is NaN, infinite or beyond ±1e100 breaks its line; one whose x is so is left out.
   * Points stand alone when they have no neighbour. More points than the picture has columns are thinned out
   * (largest-triangle-three-buckets, which keeps peaks).
   */
  series: readonly LineSeries[];
  /** Pixels, 240..4096. Default 720. */
  width?: number;
  /** Pixels, 180..4096. Default 420. */
  height?: number;
}

/** One line of {@link linePlot}. */
export interface LineSeries {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

const schema = z.strictObject({
  title: z.string(),
  x: axisSchema,
  y: axisSchema,
  series: z.array(z.strictObject({ name: z.string(), points: z.array(z.tuple([anyNumber, anyNumber])) })),
  ...sizeSchema,
});

/** Above this many points a line is drawn without a dot on each. */
const dotted = 24;

/** Checks the options of a line plot and lays it out. */
export function lineDrawing(options: LinePlotOptions): Drawing {
  const { title, x, y, series, width, height } = parseOptions(schema, options, 'linePlot() options');
  return {
    title,
    width,
    height,
    legend: series.map(({ name }) => plainText(name)),
    empty: !series.some(({ points }) =>
      points.some((point) => point.every((value) => plotNumber(value) !== undefined)),
    ),
    axes: { xAxis: valueAxis(x, 'horizontal', { grid: false }), yAxis: valueAxis(y, 'vertical') },
    series: series.map(({ name, points }, i) => lineSeries(plainText(name), points, i)),
  };
}

function lineSeries(name: string, points: readonly [number, number][], index: number): LineSeriesOption {
  const placed = points.flatMap(([x, y]) => {
    const place = plotNumber(x);
    return place === undefined ? [] : [{ x: place, y: plotNumber(y) }];
  });
  const drawn = (i: number): boolean => placed[i]?.y !== undefined;
  const every = placed.length <= dotted;
  return {
    type: 'line',
    name,
    lineStyle: { width: 2.25, type: dashes[Math.floor(index / palette.length) % dashes.length]! },
    symbol: 'none',
    sampling: 'lttb',
    data: placed.map(({ x, y }, i) => ({
      value: [x, y ?? '-'],
      ...(drawn(i) && (every || (!drawn(i - 1) && !drawn(i + 1))) ? { symbol: 'circle', symbolSize: 6 } : {}),
    })),
  };
}
