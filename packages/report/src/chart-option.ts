import type {
  BarSeriesOption,
  CustomSeriesOption,
  LineSeriesOption,
  ParallelSeriesOption,
  ScatterSeriesOption,
} from 'echarts/charts';
import type {
  GridComponentOption,
  LegendComponentOption,
  ParallelComponentOption,
  TitleComponentOption,
  TooltipComponentOption,
} from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import type { parallelAxis } from './axis.js';
import { plainText } from './plain-text.js';
import { cutText, textWidth, wrapText } from './text-layout.js';
import { colors, fontFamily, fontSize, margin, palette } from './theme.js';

/** One set of marks of a chart. */
export type ChartSeries =
  | BarSeriesOption
  | CustomSeriesOption
  | LineSeriesOption
  | ParallelSeriesOption
  | ScatterSeriesOption;

/** The parts of ECharts that are used. */
export type ChartOption = Omit<
  ComposeOption<
    | Exclude<ChartSeries, ParallelSeriesOption>
    | GridComponentOption
    | LegendComponentOption
    | TitleComponentOption
    | TooltipComponentOption
  >,
  'series'
> & {
  readonly series: readonly ChartSeries[];
  readonly parallel?: ParallelComponentOption;
  readonly parallelAxis?: readonly ReturnType<typeof parallelAxis>[];
};

/** A chart before it is drawn: axes and series come from the kind of plot, everything around them from here. */
export interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Names for the legend; drawn when there are at least two. */
  readonly legend: readonly string[];
  /** Nothing will be seen: the picture says so. */
  readonly empty: boolean;
  readonly axes: Pick<ChartOption, 'xAxis' | 'yAxis'> | Pick<ChartOption, 'parallelAxis'>;
  readonly series: readonly ChartSeries[];
  /** What a live plot tells under the pointer: the values of one mark, or of all series at one place of the axis. */
  readonly tooltip: Pick<TooltipComponentOption, 'trigger' | 'formatter' | 'valueFormatter'>;
}

const legendItem = { icon: 16, space: 6, gap: 22, row: 22 };

/** Everything that ECharts is told: the chart with its title, legend and the space around them. */
export function chartOption({ title, width, height, legend, axes, series, empty }: Drawing): ChartOption {
  const inner = width - 2 * margin;
  const titleLines = wrapText(plainText(title), fontSize.title, inner);
  const titleHeight = titleLines.length * (fontSize.title + 6);
  const legendTop = margin + titleHeight + (titleLines.length > 0 ? 6 : 0);
  const names = legend.length > 1 ? placeLegend(legend, inner) : [];
  const legendRows = names.length === 0 ? 0 : names.at(-1)!.row + 1;
  const top = legendTop + legendRows * legendItem.row + 14;
  const label = { fontFamily, fontSize: fontSize.label, color: colors.text };
  return {
    animation: false,
    backgroundColor: colors.background,
    color: palette,
    textStyle: label,
    title: [
      {
        text: titleLines.join('\n'),
        left: margin,
        top: margin,
        padding: 0,
        borderColor: colors.background,
        textStyle: {
          fontFamily,
          fontSize: fontSize.title,
          fontWeight: 'bold',
          color: colors.title,
          lineHeight: fontSize.title + 6,
        },
      },
      ...(empty
        ? [
            {
              text: 'no data',
              left: 'center',
              top: (top + height) / 2 - margin,
              textStyle: { ...label, fontWeight: 'normal' as const },
            },
          ]
        : []),
    ],
    // One legend for each name: their places must not depend on the fonts that ECharts thinks it has.
    legend: names.map(({ name, x, row }) => ({
      data: [name],
      formatter: cutText(name, fontSize.label, inner - legendItem.icon - legendItem.space),
      selectedMode: false,
      left: margin + x,
      top: legendTop + row * legendItem.row,
      padding: 0,
      itemWidth: legendItem.icon,
      itemHeight: 10,
      textStyle: label,
    })),
    ...(!('parallelAxis' in axes)
      ? {
          grid: {
            left: margin,
            right: margin + 8,
            top,
            bottom: margin,
            outerBoundsMode: 'same',
            outerBoundsContain: 'all',
          },
        }
      : { parallel: { left: 2.5 * margin, right: 2.5 * margin, top: top + 26, bottom: margin } }),
    ...axes,
    series: [...series],
  };
}

/** Names in one row, or in columns of equal width when they need several. */
function placeLegend(names: readonly string[], inner: number): { name: string; x: number; row: number }[] {
  const widths = names.map((name) => {
    const text = Math.min(textWidth(name, fontSize.label), inner);
    return legendItem.icon + legendItem.space + text + legendItem.gap;
  });
  const widest = Math.max(...widths);
  const oneRow = widths.reduce((sum, width) => sum + width, -legendItem.gap) <= inner;
  const columns = oneRow ? names.length : Math.max(1, Math.floor((inner + legendItem.gap) / widest));
  return names.map((name, i) => {
    const x = oneRow ? widths.slice(0, i).reduce((sum, width) => sum + width, 0) : (i % columns) * widest;
    return { name, x, row: Math.floor(i / columns) };
  });
}
