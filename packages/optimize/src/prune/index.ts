export type { StayingChannels } from './channel-groups.js';
export { describeSparsity, type SparsityReport } from './describe-sparsity.js';
export type { ChannelCriterion, WeightGradients } from './importance.js';
export { keepZeros } from './keep-zeros.js';
export type { LayerPatterns } from './name-patterns.js';
export {
  type PruneChannelsOptions,
  type PrunedGroup,
  type PrunedModel,
  type PruningRecord,
  type PruningTarget,
  pruneChannels,
} from './prune-channels.js';
export { type PruneGraduallyOptions, pruneGradually, type SparseRound } from './prune-gradually.js';
export {
  type IterativelyPrunedModel,
  type PruneIterativelyOptions,
  type PruningStep,
  pruneIteratively,
} from './prune-iteratively.js';
export { type PruneMagnitudeOptions, pruneMagnitude } from './prune-magnitude.js';
export { type NMSparseModel, type PruneNMOptions, pruneNM } from './prune-n-m.js';
export type { LayerSparsity, SparseModel } from './sparse-model.js';
export {
  constantSparsity,
  oneShotSparsity,
  type PolynomialSparsityOptions,
  polynomialSparsity,
  type SparsitySchedule,
} from './sparsity-schedules.js';
export { type WeightGradientsOptions, weightGradients } from './weight-gradients.js';
export { applyMasks, masksOfZeros, type WeightMasks } from './weight-masks.js';
