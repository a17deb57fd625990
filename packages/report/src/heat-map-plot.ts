import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { categoryAxis, sizeSchema } from './axis.js';
import { multiples, niceStep } from './axis-ticks.js';
import type { ChartSeries, Drawing } from './chart-option.js';
import { escapeXml } from './escape-xml.js';
import { formatFixed, formatShort } from './format-number.js';
import { plainText } from './plain-text.js';
import { anyNumber, plotNumber } from './plot-number.js';
import { textWidth } from './text-layout.js';
import { colors, heatColor, margin } from './theme.js';

/** Options of {@link heatMapPlot}. */
export interface HeatMapPlotOptions {
  title: string;
  /** Names of the rows, from above. Rows times columns is at most 10,000. */
  rows: readonly string[];
  /** Names of the columns, from the left. */
  columns: readonly string[];
  /** `[rows][columns]`; NaN and infinite values leave a grey cell. */
  values: readonly (readonly number[])[];
  /** What stands in the cells, `[rows][columns]`. Default: the values, rounded alike. Shown where it fits. */
  labels?: readonly (readonly string[])[];
  /** What the columns are. */
  x?: { label?: string };
  /** What the rows are. */
  y?: { label?: string };
  /** The values of the lightest and the darkest colour. Default: round numbers around the lowest and the highest value. */
  range?: readonly [low: number, high: number];
  /** Pixels, 240..4096. Default 720. */
  width?: number;
  /** Pixels, 180..4096. Default: enough for the rows. */
  height?: number;
}

const axisSchema = z.strictObject({ label: z.string().optional() }).default({});
const schema = z.strictObject({
  title: z.string(),
  rows: z.array(z.string()),
  columns: z.array(z.string()),
  values: z.array(z.array(anyNumber)),
  labels: z.array(z.array(z.string())).optional(),
  x: axisSchema,
  y: axisSchema,
  range: z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, 'low below high')
    .optional(),
  width: sizeSchema.width,
  height: sizeSchema.height,
});

const mostCells = 10_000;
/** Sizes of the figures in the cells: the largest that fits. */
const cellFonts = [12, 11, 10, 9];

/** Checks the options of a heat map and lays it out. */
export function heatMapDrawing(options: HeatMapPlotOptions): Drawing {
  const { title, rows, columns, values, labels, x, y, range, width, ...size } = parseOptions(
    schema,
    options,
    'heatMapPlot() options',
  );
  for (const [name, table] of Object.entries({ values, labels: labels ?? values }))
    checkShape(name, table, rows, columns);
  if (rows.length * columns.length > mostCells) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected at most ${mostCells} cells for heatMapPlot() options but received ${rows.length} × ${columns.length}. Join rows or columns first`,
    );
  }
  const height = size.height ?? Math.min(1200, Math.max(240, 150 + rows.length * 30));
  const known = values.flat().flatMap((value) => plotNumber(value) ?? []);
  const stops = stopsOf(known, range);
  const [low, high] = [stops[0] ?? 0, stops.at(-1) ?? 0];
  const share = (value: number): number => (high === low ? 0 : (value - low) / (high - low));
  const decimals = decimalsOf(known);
  const text = (row: number, column: number): string =>
    plainText(labels?.[row]?.[column] ?? formatFixed(values[row]![column]!, decimals));
  const slot = (width - 6 * margin) / Math.max(1, columns.length);
  const texts = values.flatMap((line, row) => line.map((_, column) => text(row, column)));
  const [largest, smallest] = [Math.max(...cellFonts), Math.min(...cellFonts)];
  const fitting = texts.filter((one) => textWidth(one, smallest) <= slot - 4);
  const font = cellFonts.find((size) => fitting.every((one) => textWidth(one, size) <= slot - 4)) ?? largest;
  return {
    title,
    width,
    height,
    legend: high === low ? [] : stops.map(formatShort),
    empty: known.length === 0,
    axes: {
      xAxis: categoryAxis(x, columns, 'horizontal', {
        slot,
        most: height * 0.3,
      }),
      yAxis: categoryAxis(y, rows, 'vertical', {
        slot: (height - 5 * margin) / Math.max(1, rows.length),
        most: width * 0.28,
      }),
    },
    tooltip: {
      trigger: 'item',
      formatter: (mark) => {
        const [column, row] = (mark as unknown as { value: [number, number] }).value;
        const [ofRow, ofColumn] = [rows[row]!, columns[column]!].map((name) => escapeXml(plainText(name)));
        const value = values[row]![column]!;
        const own = labels?.[row]?.[column];
        const figures = [...(own === undefined || own === '' ? [] : [plainText(own)]), formatShort(value)];
        return `${ofRow} → ${ofColumn}<br><b>${escapeXml(figures.join('  '))}</b>`;
      },
    },
    series: [
      cells(values, font, (row, column) => {
        const value = plotNumber(values[row]![column]!);
        return value === undefined
          ? { color: colors.missing, ink: colors.onLow, text: '' }
          : {
              color: heatColor(share(value)),
              ink: share(value) > 0.5 ? colors.onHigh : colors.onLow,
              text: text(row, column),
            };
      }),
      // Without marks of their own: they give the legend its colours.
      ...stops.map((stop): ChartSeries => {
        return { type: 'bar', name: formatShort(stop), data: [], itemStyle: { color: heatColor(share(stop)) } };
      }),
    ],
  };
}

/** Values that the legend shows, from the one with the lightest colour to that with the darkest. */
function stopsOf(known: readonly number[], range: readonly [number, number] | undefined): number[] {
  if (known.length === 0) return [];
  if (range) return [0, 0.25, 0.5, 0.75, 1].map((share) => range[0] + share * (range[1] - range[0]));
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  return low === high ? [low] : multiples(low, high, niceStep((high - low) / 5));
}

/** Decimals with which all cells are written: none for whole numbers, else two or three digits of the largest. */
function decimalsOf(known: readonly number[]): number {
  const largest = known.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0 || known.every(Number.isInteger)) return 0;
  const exponent = Math.floor(Math.log10(largest));
  return Math.min(20, Math.max(0, exponent >= 0 ? 2 - exponent : 1 - exponent));
}

interface CellLook {
  readonly color: string;
  readonly ink: string;
  readonly text: string;
}

function cells(
  values: readonly (readonly unknown[])[],
  font: number,
  look: (row: number, column: number) => CellLook,
): ChartSeries {
  return {
    type: 'custom',
    data: values.flatMap((line, row) => line.map((_, column) => [column, row])),
    renderItem: (_, api) => {
      const [column, row] = [api.value(0) as number, api.value(1) as number];
      const [x, y] = api.coord([column, row]) as [number, number];
      const [width, height] = api.size!([1, 1]) as [number, number];
      const { color, ink, text } = look(row, column);
      const gap = Math.min(width, height) > 8 ? 1 : 0;
      const rectangle = {
        type: 'rect' as const,
        shape: { x: x - width / 2, y: y - height / 2, width: width - gap, height: height - gap },
        style: { fill: color },
      };
      const fits = textWidth(text, font) <= width - 2 && height >= font + 2;
      return {
        type: 'group',
        children: [
          rectangle,
          ...(fits && text !== ''
            ? [
                {
                  type: 'text' as const,
                  style: {
                    text,
                    x,
                    y,
                    align: 'center' as const,
                    verticalAlign: 'middle' as const,
                    fill: ink,
                    fontSize: font,
                  },
                },
              ]
            : []),
        ],
      };
    },
  };
}

function checkShape(
  name: string,
  table: readonly (readonly unknown[])[],
  rows: readonly string[],
  columns: readonly string[],
): void {
  if (table.length === rows.length && table.every((row) => row.length === columns.length)) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected ${rows.length} rows of ${columns.length} for ${name} of heatMapPlot() options but received ${table.length} rows of ${[...new Set(table.map((row) => row.length))].join(' or ')}`,
  );
}
