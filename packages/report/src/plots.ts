import type { BarPlotOptions } from './bar-plot.js';
import { type ConfusionMatrixPlotOptions, confusionMatrixHeatMap } from './confusion-matrix-plot.js';
import type { HeatMapPlotOptions } from './heat-map-plot.js';
import type { HistogramPlotOptions } from './histogram-plot.js';
import type { LinePlotOptions } from './line-plot.js';
import { makePlot } from './make-plot.js';
import type { ParallelPlotOptions } from './parallel-plot.js';
import type { Plot } from './plot.js';
import type { PlotSpec } from './plot-spec.js';
import type { ScatterPlotOptions } from './scatter-plot.js';

/**
 * Lines over a numeric axis, with bands of uncertainty around them: losses over steps, accuracy over epochs.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function linePlot(options: LinePlotOptions): Plot {
  return makePlot({ ...options, kind: 'line' });
}

/**
 * Bars for named things: images per class, latency per model.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function barPlot(options: BarPlotOptions): Plot {
  return makePlot({ ...options, kind: 'bar' });
}

/**
 * Points on two numeric axes: accuracy against latency, one model a point.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function scatterPlot(options: ScatterPlotOptions): Plot {
  return makePlot({ ...options, kind: 'scatter' });
}

/**
 * Distributions over common bins, as outlines over one another: brightness at training and now.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function histogramPlot(options: HistogramPlotOptions): Plot {
  return makePlot({ ...options, kind: 'histogram' });
}

/**
 * Values of two things at once as coloured cells: drift by property and week.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function heatMapPlot(options: HeatMapPlotOptions): Plot {
  return makePlot({ ...options, kind: 'heatMap' });
}

/**
 * A confusion matrix as a heat map: a row for each actual class, coloured by the share of its samples. Of more than 40
 * classes only the 30 with most mistakes are shown, the others together.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function confusionMatrixPlot(options: ConfusionMatrixPlotOptions): Plot {
  return makePlot({ ...confusionMatrixHeatMap(options), kind: 'heatMap' });
}

/**
 * Things with many properties, a line each across one axis per property: the trials of a hyper-parameter search.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function parallelPlot(options: ParallelPlotOptions): Plot {
  return makePlot({ ...options, kind: 'parallel' });
}

/**
 * The plot that a {@link Plot.spec} describes, also after its way through JSON.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when it is not one
 */
export function plotFromSpec(spec: PlotSpec): Plot {
  return makePlot(spec);
}
