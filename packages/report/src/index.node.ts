export type { AxisOptions } from './axis.js';
export type { BarPlotOptions, BarSeries } from './bar-plot.js';
export type { ConfusionMatrixPlotOptions } from './confusion-matrix-plot.js';
export { type ContactSheetOptions, type ContactSheetPicture, contactSheet } from './contact-sheet.js';
export type { HeatMapPlotOptions } from './heat-map-plot.js';
export type { HistogramPlotOptions, HistogramSeries } from './histogram-plot.js';
export { type HtmlPageOptions, type HtmlSection, type HtmlThumbnail, htmlPage } from './html-page.js';
export type { LinePlotOptions, LineSeries } from './line-plot.js';
export { type LivePage, type LivePageOptions, livePage } from './live-page/live-page.node.js';
export type { ParallelAxis, ParallelPlotOptions } from './parallel-plot.js';
export type { Plot, PngOptions, SvgOptions } from './plot.js';
export type { PlotSpec } from './plot-spec.js';
export {
  barPlot,
  confusionMatrixPlot,
  heatMapPlot,
  histogramPlot,
  linePlot,
  parallelPlot,
  plotFromSpec,
  scatterPlot,
} from './plots.js';
export type { ScatterPlotOptions, ScatterSeries } from './scatter-plot.js';
export { type TerminalProgress, type TerminalProgressOptions, terminalProgress } from './terminal-progress.node.js';
export { type TableColumn, type TableRow, type TextTableOptions, textTable } from './text-table.js';
export type { PlotTheme } from './theme.js';
