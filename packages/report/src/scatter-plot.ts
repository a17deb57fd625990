import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { type AxisOptions, axisSchema, axisTooltip, onAxis, sizeSchema, valueAxis } from './axis.js';
import type { Drawing } from './chart-option.js';
import { heightFor } from './header-layout.js';
import { plainText } from './plain-text.js';
import { anyNumber } from './plot-number.js';
import { textWidth } from './text-layout.js';
import { palette } from './theme.js';

/** Options of {@link scatterPlot}. */
export interface ScatterPlotOptions {
  title: string;
  x?: AxisOptions;
  y?: AxisOptions;
  /** Points of one colour and shape each. Points that have no place on the axes (NaN, infinite, not above 0 on a log axis) are left out. */
  series: readonly ScatterSeries[];
  /** Pixels, 240..4096. Default 720. */
  width?: number;
  /** Pixels, 180..4096. Default 420, and more where title and legend need it. */
  height?: number;
}

/** The points of one colour in {@link scatterPlot}. */
export interface ScatterSeries {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Names of the points, `[points]`, written beside them when there are at most 30. */
  labels?: readonly string[];
}

const schema = z.strictObject({
  title: z.string(),
  x: axisSchema,
  y: axisSchema,
  series: z.array(
    z
      .strictObject({
        name: z.string(),
        points: z.array(z.tuple([anyNumber, anyNumber])),
        labels: z.array(z.string()).optional(),
      })
      .refine(({ points, labels }) => labels === undefined || labels.length === points.length, 'one label per point'),
  ),
  ...sizeSchema,
});

// Shapes tell series apart where colours cannot: in print, and once the colours start again.
const symbols = ['circle', 'triangle', 'rect', 'diamond', 'pin', 'arrow'] as const;
const mostLabels = 30;
const labelSize = 12;

/** Checks the options of a scatter plot and lays it out. */
export function scatterDrawing(options: ScatterPlotOptions): Drawing {
  const { title, x, y, series, width, ...size } = parseOptions(schema, options, 'scatterPlot() options');
  const legend = series.map(({ name }) => plainText(name));
  const height = size.height ?? heightFor(title, legend, width);
  const values = (axis: 0 | 1) => series.flatMap(({ points }) => points.map((point) => point[axis]));
  const placed = series.map(({ name, points, labels }) => ({
    name: plainText(name),
    points: points.flatMap(([px, py], i) => {
      const [left, up] = [onAxis(x, px), onAxis(y, py)];
      return left === undefined || up === undefined ? [] : [{ value: [left, up], name: plainText(labels?.[i] ?? '') }];
    }),
  }));
  const count = placed.reduce((sum, { points }) => sum + points.length, 0);
  return {
    title,
    width,
    height,
    legend,
    empty: count === 0,
    axes: {
      xAxis: valueAxis(x, 'horizontal', { values: values(0), length: width }),
      yAxis: valueAxis(y, 'vertical', { values: values(1), length: height }),
    },
    tooltip: axisTooltip('item', x, y),
    series: placed.map(({ name, points }, i) => ({
      type: 'scatter',
      name,
      symbol: symbols[i % symbols.length]!,
      symbolSize: count > 500 ? 4 : 8,
      itemStyle: { color: palette[i % palette.length]!, opacity: count > 500 ? 0.5 : 0.85 },
      label: { show: count <= mostLabels, position: 'right', formatter: '{b}', fontSize: labelSize },
      labelLayout: ({ rect, text }) => ({
        hideOverlap: true,
        // On the other side of the point where it would leave the picture.
        ...(rect.x + rect.width + 5 + textWidth(text, labelSize) > width
          ? { x: rect.x - 5, align: 'right' as const }
          : {}),
      }),
      data: withoutHidden(points, width, height),
    })),
  };
}

/** Leaves out points that would be drawn where another one is already: pictures stay small whatever the data. */
function withoutHidden<Point extends { value: number[] }>(points: readonly Point[], width: number, height: number) {
  if (points.length <= 2000) return [...points];
  const [xs, ys] = [0, 1].map((axis) => points.map(({ value }) => value[axis]!));
  const [left, right, low, high] = [least(xs!), most(xs!), least(ys!), most(ys!)];
  const seen = new Set<number>();
  return points.filter((_, i) => {
    const column = Math.round(((xs![i]! - left) / (right - left || 1)) * width);
    const row = Math.round(((ys![i]! - low) / (high - low || 1)) * height);
    const place = row * (width + 1) + column;
    return seen.has(place) ? false : seen.add(place);
  });
}

function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
}
