import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { type AxisOptions, axisSchema, axisTooltip, type CheckedAxis, onAxis, sizeSchema, valueAxis } from './axis.js';
import type { ChartSeries, Drawing } from './chart-option.js';
import { heightFor } from './header-layout.js';
import { plainText } from './plain-text.js';
import { anyNumber } from './plot-number.js';
import { dashes, palette } from './theme.js';

/** Options of {@link linePlot}. */
export interface LinePlotOptions {
  title: string;
  x?: AxisOptions;
  y?: AxisOptions;
  /**
   * Lines, drawn in order. A point whose y has no place on the axis (NaN, infinite, beyond ±1e100, not above 0 on a log
   * axis) breaks its line; one whose x has none is left out.
   * Points stand alone when they have no neighbour. More points than the picture has columns are thinned out
   * (largest-triangle-three-buckets, which keeps peaks).
   */
  series: readonly LineSeries[];
  /** Pixels, 240..4096. Default 720. */
  width?: number;
  /** Pixels, 180..4096. Default 420, and more where title and legend need it. */
  height?: number;
}

/** One line of {@link linePlot}. */
export interface LineSeries {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** A shaded band behind the line, such as a confidence interval; ends where a value has no place on the axis. */
  band?: readonly (readonly [x: number, lower: number, upper: number])[];
}

const schema = z.strictObject({
  title: z.string(),
  x: axisSchema,
  y: axisSchema,
  series: z.array(
    z.strictObject({
      name: z.string(),
      points: z.array(z.tuple([anyNumber, anyNumber])),
      band: z.array(z.tuple([anyNumber, anyNumber, anyNumber])).optional(),
    }),
  ),
  ...sizeSchema,
});

/** Above this many points a line is drawn without a dot on each. */
const dotted = 24;

/** Checks the options of a line plot and lays it out. */
export function lineDrawing(options: LinePlotOptions): Drawing {
  const { title, x, y, series, width, ...size } = parseOptions(schema, options, 'linePlot() options');
  const legend = series.map(({ name }) => plainText(name));
  const height = size.height ?? heightFor(title, legend, width);
  const across = series.flatMap(({ points, band = [] }) => [...points.map(([px]) => px), ...band.map(([px]) => px)]);
  const upward = series.flatMap(({ points, band = [] }) => [
    ...points.map(([, py]) => py),
    ...band.flatMap(([, low, high]) => [low, high]),
  ]);
  return {
    title,
    width,
    height,
    legend,
    empty: !series.some(({ points }) =>
      points.some(([px, py]) => onAxis(x, px) !== undefined && onAxis(y, py) !== undefined),
    ),
    axes: {
      xAxis: valueAxis(x, 'horizontal', { grid: false, values: across, length: width }),
      yAxis: valueAxis(y, 'vertical', { values: upward, length: height }),
    },
    tooltip: axisTooltip('axis', x, y),
    series: series.flatMap(({ name, points, band = [] }, i) => [
      ...bandSeries(plainText(name), runs(band, x, y), palette[i % palette.length]!),
      lineSeries(plainText(name), points, i, x, y),
    ]),
  };
}

type BandPoint = readonly [x: number, lower: number, upper: number];

/** The parts of a band between places where it has no value. */
function runs(band: readonly BandPoint[], x: CheckedAxis, y: CheckedAxis): BandPoint[][] {
  const parts: BandPoint[][] = [[]];
  for (const [px, lower, upper] of band) {
    const [left, low, high] = [onAxis(x, px), onAxis(y, lower), onAxis(y, upper)];
    if (left === undefined || low === undefined || high === undefined) parts.push([]);
    else parts.at(-1)!.push([left, low, high]);
  }
  return parts.filter((part) => part.length > 1);
}

/** Each run of a band as one polygon. */
function bandSeries(name: string, parts: readonly BandPoint[][], color: string): ChartSeries[] {
  return parts.map((part) => ({
    type: 'custom',
    name,
    clip: true,
    silent: true,
    tooltip: { show: false },
    itemStyle: { color },
    // One mark; its data are the ends of the band, so that the axes reach around it.
    data: [[...ends(part.map(([x]) => x)), ...ends(part.flatMap(([, lower, upper]) => [lower, upper]))]],
    encode: { x: [0, 1], y: [2, 3] },
    renderItem: (_, api) => {
      const at = (x: number, y: number) => api.coord([x, y]) as [number, number];
      const points = [
        ...part.map(([x, lower]) => at(x, lower)),
        ...part.toReversed().map(([x, , upper]) => at(x, upper)),
      ];
      return { type: 'polygon', shape: { points }, style: { fill: color, opacity: 0.18 } };
    },
  }));
}

function ends(values: readonly number[]): [low: number, high: number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function lineSeries(
  name: string,
  points: readonly (readonly [number, number])[],
  index: number,
  x: CheckedAxis,
  y: CheckedAxis,
): ChartSeries {
  const placed = points.flatMap(([px, py]) => {
    const place = onAxis(x, px);
    return place === undefined ? [] : [{ x: place, y: onAxis(y, py) }];
  });
  const drawn = (i: number): boolean => placed[i]?.y !== undefined;
  const every = placed.length <= dotted;
  return {
    type: 'line',
    name,
    color: palette[index % palette.length]!,
    lineStyle: { width: 2.25, type: dashes[Math.floor(index / palette.length) % dashes.length]! },
    symbol: 'none',
    sampling: 'lttb',
    data: placed.map(({ x, y }, i) => ({
      value: [x, y ?? '-'],
      ...(drawn(i) && (every || (!drawn(i - 1) && !drawn(i + 1))) ? { symbol: 'circle', symbolSize: 6 } : {}),
    })),
  };
}
