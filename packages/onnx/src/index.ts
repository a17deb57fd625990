export { cloneModel } from './clone-model.js';
export type { ElementType, RawElementType } from './element-types.js';
export { type EpContext, type EpContextModelOptions, epContextModel, readEpContexts } from './ep-context.js';
export type {
  BufferCacheMode,
  ExecutionProvider,
  ExecutionProviderName,
  RefusedProvider,
} from './execution-provider.js';
export { givesProbabilities } from './gives-probabilities.js';
export { type AttributeInput, GraphBuilder, type NodeOptions } from './graph-builder.js';
export { type CalibrationRecord, type PerceptMetadata, readMetadata, withMetadata } from './metadata.js';
export type {
  Attribute,
  AttributeKind,
  DeviceConfiguration,
  Dimension,
  Graph,
  Model,
  ModelFunction,
  Node,
  NodeDeviceConfiguration,
  QuantizationAnnotation,
  ShardedDim,
  ShardingSpec,
  TrainingInfo,
  ValueInfo,
} from './model.js';
export { modelDigest } from './model-digest.js';
export type { ModelProfile, NodeCost, OperatorCost } from './model-profile.js';
export {
  type ExternalData,
  isExternal,
  isRawTensor,
  type RawTensor,
  type SparseTensor,
  type TensorInfo,
  tensorInfo,
} from './model-tensors.js';
export type { TypeProto } from './model-types.js';
export { readModel } from './read-model.js';
export type { RunOptions, Runtime, Session, SessionOptions, WarmUpOptions } from './runtime.js';
export { tensorBytes } from './tensor-bytes.js';
export { topologicalSort } from './topological-sort.js';
export type { Kept, WireHints } from './wire-hints.js';
export { writeModel, writeModelPieces } from './write-model.js';
