import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { type AxisOptions, axisSchema, type CheckedAxis, onAxis, parallelAxis, sizeSchema } from './axis.js';
import { fullTime } from './axis-ticks.js';
import type { ChartSeries, Drawing } from './chart-option.js';
import { escapeXml } from './escape-xml.js';
import { formatShort } from './format-number.js';
import { heightFor } from './header-layout.js';
import { plainText } from './plain-text.js';
import { anyNumber, plotNumber } from './plot-number.js';
import { heatColor, palette } from './theme.js';

/** Options of {@link parallelPlot}. */
export interface ParallelPlotOptions {
  title: string;
  /** One upright axis each, from the left. At least 2. */
  axes: readonly ParallelAxis[];
  /**
   * One line each: values by the key of the axes. Numbers for numeric axes, text for axes of names; a line is left out
   * where a value is missing or has no place on its axis.
   */
  rows: readonly Readonly<Record<string, number | string | null>>[];
  /** Key of the numeric axis that lines are coloured by, from light (low) to dark (high). Default: one colour. */
  color?: string;
  /** Pixels, 240..4096. Default 720. */
  width?: number;
  /** Pixels, 180..4096. Default 420. */
  height?: number;
}

/** An axis of {@link parallelPlot}. Its values are names when any row has text there, and numbers otherwise. */
export interface ParallelAxis extends AxisOptions {
  /** Where the rows have its value. */
  key: string;
}

const schema = z.strictObject({
  title: z.string(),
  axes: z.array(z.looseObject({ key: z.string() })).min(2),
  rows: z.array(z.record(z.string(), z.union([anyNumber, z.string()]))),
  color: z.string().optional(),
  ...sizeSchema,
});

/** Checks the options of parallel coordinates and lays them out. */
export function parallelDrawing(options: ParallelPlotOptions): Drawing {
  const { title, axes, rows, color, width, ...size } = parseOptions(schema, options, 'parallelPlot() options');
  const dimensions = axes.map(({ key, ...axis }) => {
    const values = rows.map((row) => row[key]);
    const names = values.some((value) => typeof value === 'string')
      ? [...new Set(values.flatMap((value) => (value === undefined ? [] : [plainText(String(value))])))].sort()
      : undefined;
    const checked = parseOptions(axisSchema, axis, `axis ${key} of parallelPlot() options`);
    return { key, names, axis: checked, label: checked.label ?? key };
  });
  const coloring = color === undefined ? undefined : dimensions.findIndex(({ key }) => key === color);
  if (coloring === -1) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one of ${dimensions.map(({ key }) => key).join(', ')} for color of parallelPlot() options but received ${color}`,
    );
  }
  const lines = rows.flatMap((row) => {
    const places = dimensions.map(({ key, names, axis }) => {
      const value = row[key];
      if (value === undefined) return undefined;
      if (names) return names.indexOf(plainText(String(value)));
      return onAxis(axis, value as number);
    });
    return places.some((place) => place === undefined) ? [] : [places as number[]];
  });
  const colored = coloring === undefined ? [] : lines.map((places) => plotNumber(places[coloring]!)!);
  const [low, high] = [
    colored.reduce((a, b) => Math.min(a, b), Infinity),
    colored.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  // The lightest colours would vanish on the background.
  const lineColor = (value: number): string => heatColor(0.3 + 0.7 * (high === low ? 1 : (value - low) / (high - low)));
  const height = size.height ?? heightFor(title, [], width);
  return {
    title,
    width,
    height,
    legend: [],
    empty: lines.length === 0,
    axes: {
      parallelAxis: dimensions.map(({ names, axis, label }, dim) =>
        parallelAxis(
          plainText(label),
          axis,
          names,
          lines.map((places) => places[dim]!),
          { dim, width: (width - 100) / Math.max(1, dimensions.length - 1), length: height - 120 },
        ),
      ),
    },
    tooltip: {
      trigger: 'item',
      formatter: (mark) => {
        const places = (mark as unknown as { value: number[] }).value;
        return dimensions
          .map(
            ({ label, names, axis }, i) =>
              `${escapeXml(plainText(label))} <b>${escapeXml(names?.[places[i]!] ?? words(axis, places[i]!))}</b>`,
          )
          .join('<br>');
      },
    },
    series: [
      {
        type: 'parallel',
        smooth: 0.15,
        progressive: 0,
        lineStyle: { width: lines.length > 200 ? 1 : 1.75, opacity: lines.length > 200 ? 0.35 : 0.75 },
        // The darkest lines are drawn last, on top.
        data: [...lines.keys()]
          .sort((a, b) => (colored[a] ?? 0) - (colored[b] ?? 0))
          .map((i) => ({
            value: lines[i]!,
            lineStyle: { color: coloring === undefined ? palette[0]! : lineColor(colored[i]!) },
          })),
      } satisfies ChartSeries,
    ],
  };
}

function words({ scale }: CheckedAxis, value: number): string {
  return scale === 'time' ? fullTime(value) : formatShort(value);
}
