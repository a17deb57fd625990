import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { type AxisOptions, axisSchema, axisTooltip, categoryAxis, onAxis, sizeSchema, valueAxis } from './axis.js';
import type { Drawing } from './chart-option.js';
import { formatShort } from './format-number.js';
import { heightFor } from './header-layout.js';
import { plainText } from './plain-text.js';
import { anyNumber, plotNumber } from './plot-number.js';
import { textWidth } from './text-layout.js';
import { colors, fontSize, margin } from './theme.js';

/** Options of {@link barPlot}. */
export interface BarPlotOptions {
  title: string;
  /** Names of the groups of bars. */
  categories: readonly string[];
  /** Bars: one value for each category. NaN, infinite values and those beyond ±1e100 leave their place empty. */
  series: readonly BarSeries[];
  /** The horizontal axis; `min` and `max` count only where it is the numeric one. */
  x?: AxisOptions;
  /** The vertical axis; `min` and `max` count only where it is the numeric one. */
  y?: AxisOptions;
  /** Bars lie, which leaves room for long names. Default `false`. */
  horizontal?: boolean;
  /** Pixels, 240..4096. Default 720. */
  width?: number;
  /** Pixels, 180..4096. Default 420, and more where title and legend need it. */
  height?: number;
}

/** The bars of one colour in {@link barPlot}. */
export interface BarSeries {
  name: string;
  values: readonly number[];
}

const schema = z.strictObject({
  title: z.string(),
  categories: z.array(z.string()),
  series: z.array(z.strictObject({ name: z.string(), values: z.array(anyNumber) })),
  x: axisSchema,
  y: axisSchema,
  horizontal: z.boolean().default(false),
  ...sizeSchema,
});

/** Checks the options of a bar plot and lays it out. */
export function barDrawing(options: BarPlotOptions): Drawing {
  const { title, categories, series, x, y, horizontal, width, ...size } = parseOptions(
    schema,
    options,
    'barPlot() options',
  );
  for (const { name, values } of series) {
    if (values.length !== categories.length) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected ${categories.length} values (one for each category) for series ${name} of barPlot() options but received ${values.length}`,
      );
    }
  }
  const legend = series.map(({ name }) => plainText(name));
  const height = size.height ?? heightFor(title, legend, width);
  const slot = ((horizontal ? height : width) - 4 * margin) / Math.max(1, categories.length);
  const thickness = slot / (series.length + 0.6);
  const texts = series.flatMap(({ values }) => values.map(formatShort));
  const room = horizontal
    ? thickness >= fontSize.label
    : Math.max(...texts.map((text) => textWidth(text, 12))) <= thickness + 6;
  const names = categoryAxis(horizontal ? y : x, categories, horizontal ? 'vertical' : 'horizontal', {
    slot,
    most: horizontal ? width * 0.35 : height * 0.3,
  });
  const values = series.flatMap((one) => one.values);
  const scale = horizontal ? x.scale : y.scale;
  const length = horizontal ? width - Math.min(names.axisLabel.width, width * 0.35) - 4 * margin : height - 4 * margin;
  // The figures beside the bars must not run into the names or out of the picture.
  const beside = room ? (horizontal ? Math.max(...texts.map((text) => textWidth(text, 12))) : 18) / length : 0;
  const numbers = valueAxis(horizontal ? x : y, horizontal ? 'horizontal' : 'vertical', {
    // Even the shortest bar must be seen.
    values: scale === 'log' ? values.flatMap((value) => [value, value / 1.5]) : values,
    length,
    fromZero: true,
    gap: [values.some((value) => value < 0) ? beside : 0, values.some((value) => value > 0) ? beside : 0],
  });
  return {
    title,
    width,
    height,
    legend,
    empty: !series.some(({ values }) => values.some((value) => plotNumber(value) !== undefined)),
    tooltip: axisTooltip('axis', x, y),
    axes: horizontal ? { xAxis: numbers, yAxis: names } : { xAxis: names, yAxis: numbers },
    series: series.map(({ name, values }) => ({
      type: 'bar',
      name: plainText(name),
      barMaxWidth: 56,
      barGap: '8%',
      barCategoryGap: '32%',
      data: values.map((value) => onAxis(horizontal ? x : y, value) ?? '-'),
      label: {
        show: room,
        position: 'outside',
        fontSize: 12,
        color: colors.text,
        formatter: ({ value }) => (typeof value === 'number' ? formatShort(value) : ''),
      },
    })),
  };
}
