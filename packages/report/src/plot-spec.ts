import { PerceptError } from '@percept/core';
import { type BarPlotOptions, barDrawing } from './bar-plot.js';
import type { Drawing } from './chart-option.js';
import { type ConfusionMatrixPlotOptions, confusionMatrixHeatMap } from './confusion-matrix-plot.js';
import { type HeatMapPlotOptions, heatMapDrawing } from './heat-map-plot.js';
import { type HistogramPlotOptions, histogramDrawing } from './histogram-plot.js';
import { type LinePlotOptions, lineDrawing } from './line-plot.js';
import { type ParallelPlotOptions, parallelDrawing } from './parallel-plot.js';
import { type ScatterPlotOptions, scatterDrawing } from './scatter-plot.js';

/** A plot as JSON: its kind, and the options of the function of that kind. A missing number travels as `null`. */
export type PlotSpec =
  | ({ readonly kind: 'line' } & LinePlotOptions)
  | ({ readonly kind: 'bar' } & BarPlotOptions)
  | ({ readonly kind: 'scatter' } & ScatterPlotOptions)
  | ({ readonly kind: 'histogram' } & HistogramPlotOptions)
  | ({ readonly kind: 'heatMap' } & HeatMapPlotOptions)
  | ({ readonly kind: 'confusionMatrix' } & ConfusionMatrixPlotOptions)
  | ({ readonly kind: 'parallel' } & ParallelPlotOptions);

const kinds = {
  line: lineDrawing,
  bar: barDrawing,
  scatter: scatterDrawing,
  histogram: histogramDrawing,
  heatMap: heatMapDrawing,
  confusionMatrix: (options: ConfusionMatrixPlotOptions) => heatMapDrawing(confusionMatrixHeatMap(options)),
  parallel: parallelDrawing,
};

/** Checks a spec and lays it out. */
export function drawingOf(spec: PlotSpec): Drawing {
  const { kind, ...options } = spec;
  if (!Object.hasOwn(kinds, kind)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one of ${Object.keys(kinds).join(', ')} for kind of a plot but received ${String(kind)}`,
    );
  }
  return kinds[kind](options as never);
}
