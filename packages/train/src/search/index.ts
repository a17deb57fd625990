export type { FlatDimension, FlatParameter, FlatSpace, FlatValues } from './flat-space.js';
export { type GridSamplerOptions, gridSampler } from './grid-sampler.js';
export { type HyperbandOptions, hyperbandPruner } from './hyperband.js';
export { type ImportanceOptions, type ImportanceSource, parameterImportance } from './importance.js';
export { type MedianPrunerOptions, medianPruner } from './median-pruner.js';
export type { Pruner, PruningCase } from './pruner.js';
export { randomSampler } from './random-sampler.js';
export type { Sampler, Suggestion } from './sampler.js';
export { type SearchResult, search } from './search.js';
export type { SearchOptions } from './search-options.js';
export {
  type HistoryPlotSpec,
  historyPlot,
  type ImportancePlotSpec,
  importancePlot,
  type ParallelCoordinatesOptions,
  type ParallelPlotSpec,
  parallelCoordinates,
} from './search-plots.js';
export { type SobolOptions, sobolPoint } from './sobol.js';
export { type SobolSamplerOptions, sobolSampler } from './sobol-sampler.js';
export {
  type BranchDimension,
  branch,
  type ChoiceDimension,
  type Choosable,
  choice,
  type Dimension,
  type FloatDimension,
  type FloatOptions,
  float,
  type IntDimension,
  type IntOptions,
  int,
  type Parameters,
  type SearchSpace,
} from './space.js';
export { type SuccessiveHalvingOptions, successiveHalvingPruner } from './successive-halving.js';
export { type TpeSamplerOptions, tpeSampler } from './tpe-sampler.js';
export type { JudgedTrial, Objective, Report, RunningTrial, Trial, TrialState } from './trial.js';
