// A plot in a page, with values under the pointer. It is laid out anew for the width that it gets, so that letters keep
// their size: a plot is never scaled down to what cannot be read.
/// <reference path="./echarts-parts.d.ts" />
import { type ECharts, init, use } from 'echarts/core';
import { install as tooltip } from 'echarts/lib/component/tooltip/install.js';
import { chartOption } from './chart-option.js';
import { useParts } from './draw-svg.js';
import type { Plot } from './plot.js';
import { drawingOf, type PlotSpec } from './plot-spec.js';
import { recolorOption } from './recolor.js';
import { colors, fontFamily, fontSize, type PlotTheme } from './theme.js';

/** Options of {@link showPlot}. */
export interface ShowPlotOptions {
  /** Default `auto`: as the reader's system asks, also when that changes. */
  theme?: PlotTheme | 'auto';
}

/** A plot that {@link showPlot} put into a page. */
export interface LivePlot {
  /** Shows other data; the kind of plot may change too. */
  update(plot: Plot | PlotSpec): void;
  /** Takes the plot out of the page. */
  close(): void;
}

const narrowest = 240;

/**
 * Shows a plot inside an element of the page, as wide as the element, with the values under the pointer.
 *
 * @param plot - a plot, or its spec as it came from a server
 * @throws PerceptError `INVALID_ARGUMENT` when the spec is not one
 */
export function showPlot(element: HTMLElement, plot: Plot | PlotSpec, options: ShowPlotOptions = {}): LivePlot {
  useParts();
  use([tooltip]);
  let spec = specOf(plot);
  drawingOf(spec);
  const { theme = 'auto' } = options;
  const dark = element.ownerDocument.defaultView!.matchMedia('(prefers-color-scheme: dark)');
  let chart: ECharts | undefined;
  let shownKind = spec.kind;
  const draw = (): void => {
    const width = Math.max(narrowest, Math.floor(element.clientWidth));
    const drawing = drawingOf({ ...spec, width });
    const { height } = drawing;
    // What is under the pointer belongs to a kind of axes.
    if (spec.kind !== shownKind) chart = void chart?.dispose();
    shownKind = spec.kind;
    chart ??= init(element, null, { renderer: 'svg', width, height });
    chart.resize({ width, height });
    const shown = theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme;
    const box = {
      ...drawing.tooltip,
      confine: true,
      backgroundColor: colors.background,
      borderColor: colors.axis,
      textStyle: { color: colors.title, fontFamily, fontSize: fontSize.label },
    };
    chart.setOption(recolorOption({ ...chartOption(drawing), tooltip: box }, shown), { notMerge: true });
  };
  const observer = new ResizeObserver(draw);
  observer.observe(element);
  dark.addEventListener('change', draw);
  draw();
  return {
    update(next) {
      drawingOf(specOf(next));
      spec = specOf(next);
      draw();
    },
    close() {
      observer.disconnect();
      dark.removeEventListener('change', draw);
      chart?.dispose();
      chart = undefined;
    },
  };
}

function specOf(plot: Plot | PlotSpec): PlotSpec {
  return 'spec' in plot ? plot.spec : plot;
}
