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
import { headerLayout, legendItem } from './header-layout.js';
import { cutText } from './text-layout.js';
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

/** Everything that ECharts is told: the chart with its title, legend and the space around them. */
export function chartOption({ title, width, height, legend, axes, series, empty }: Drawing): ChartOption {
  const { titleLines, legendTop, names, more, bottom: top } = headerLayout(title, legend, width, height);
  const inner = width - 2 * margin;
  const label = { fontFamily, fontSize: fontSize.label, color: colors.text };
  return {
    animation: false,
    useUTC: true,
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
      ...(more
        ? [
            {
              text: more.text,
              left: margin + more.x,
              top: legendTop + more.row * legendItem.row - 2,
              padding: 0,
              borderColor: colors.background,
              textStyle: { ...label, fontWeight: 'normal' as const },
            },
          ]
        : []),
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
