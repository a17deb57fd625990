import { type BarPlotOptions, barDrawing } from './bar-plot.js';
import { type HistogramPlotOptions, histogramDrawing } from './histogram-plot.js';
import { type LinePlotOptions, lineDrawing } from './line-plot.js';
import { makePlot } from './make-plot.js';
import type { Plot } from './plot.js';
import { rasterize } from './rasterize.node.js';

/**
 * Lines over a numeric axis: losses over steps, accuracy over epochs.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function linePlot(options: LinePlotOptions): Plot {
  return makePlot(lineDrawing(options), rasterize);
}

/**
 * Bars for named things: images per class, latency per model.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function barPlot(options: BarPlotOptions): Plot {
  return makePlot(barDrawing(options), rasterize);
}

/**
 * Distributions over common bins, as outlines over one another: brightness at training and now.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function histogramPlot(options: HistogramPlotOptions): Plot {
  return makePlot(histogramDrawing(options), rasterize);
}
