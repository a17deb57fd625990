export type { AxisOptions } from './axis.js';
export type { BarPlotOptions, BarSeries } from './bar-plot.js';
export type { HistogramPlotOptions, HistogramSeries } from './histogram-plot.js';
export { type HtmlPageOptions, type HtmlSection, htmlPage } from './html-page.js';
export type { LinePlotOptions, LineSeries } from './line-plot.js';
export type { Plot, PngOptions } from './plot.js';
export { barPlot, histogramPlot, linePlot } from './plots.js';
export { type TableColumn, type TableRow, type TextTableOptions, textTable } from './text-table.js';
