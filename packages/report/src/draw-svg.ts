/// <reference path="./echarts-parts.d.ts" />
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption, LegendComponentOption, TitleComponentOption } from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { install as bars } from 'echarts/lib/chart/bar/install.js';
import { install as lines } from 'echarts/lib/chart/line/install.js';
import { install as grid } from 'echarts/lib/component/grid/installSimple.js';
import { install as legend } from 'echarts/lib/component/legend/installLegendPlain.js';
import { install as title } from 'echarts/lib/component/title/install.js';
import { SVGRenderer } from 'echarts/renderers';
import { escapeXml } from './escape-xml.js';
import { plainText } from './plain-text.js';
import { cutText, textWidth, wrapText } from './text-layout.js';
import { colors, fontFamily, fontSize, margin, palette } from './theme.js';

/** The parts of ECharts that are used. */
type ChartOption = ComposeOption<
  BarSeriesOption | LineSeriesOption | GridComponentOption | LegendComponentOption | TitleComponentOption
>;

/** A chart before it is drawn: axes and series come from the kind of plot, everything around them from here. */
export interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Names for the legend; drawn when there are at least two. */
  readonly legend: readonly string[];
  /** Nothing will be seen: the picture says so. */
  readonly empty: boolean;
  readonly axes: Pick<ChartOption, 'xAxis' | 'yAxis'>;
  readonly series: readonly (BarSeriesOption | LineSeriesOption)[];
}

const legendItem = { icon: 16, space: 6, gap: 22, row: 22 };

/** Draws a chart as an SVG document that depends on nothing but its argument. */
export function drawSvg(drawing: Drawing): string {
  use([bars, lines, grid, legend, title, SVGRenderer]);
  const { width, height } = drawing;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(optionOf(drawing));
    return canonical(chart.renderToSVGString(), drawing.title);
  } finally {
    chart.dispose();
  }
}

function optionOf({ title, width, height, legend, axes, series, empty }: Drawing): ChartOption {
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
    grid: {
      left: margin,
      right: margin + 8,
      top,
      bottom: margin,
      outerBoundsMode: 'same',
      outerBoundsContain: 'all',
    },
    ...axes,
    series: series.map((one) => ({ ...one, silent: true })),
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

/**
 * Makes ids depend on the content alone (ECharts counts charts up), which also keeps them apart in a page with several
 * plots, and takes away what is for interaction: styles of the pointer and data attributes.
 */
function canonical(svg: string, title: string): string {
  const bare = svg
    .replace(/<style >[\s\S]*?<\/style>\s*/g, '')
    .replace(/ (?:class|ecmeta_[a-z_]+|pointer-events|baseProfile|xml:space)="[^"]*"/g, '')
    .replace(/(id="|url\(#)zr\d+-/g, '$1zr-');
  const id = contentHash(bare);
  return bare
    .replace(/(id="|url\(#)zr-/g, `$1p${id}-`)
    .replace('<svg ', `<svg role="img" aria-label="${escapeXml(plainText(title))}" `)
    .trim();
}

/** FNV-1a over UTF-16 code units, 32 bits as 8 hexadecimal digits. */
function contentHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
