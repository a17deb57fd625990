export type { DatasetFacts } from './datasets.js';
export type { LineageEdge, LineageGraph, LineageKind, LineageNode } from './lineage.js';
export type { ModelInfo, RegisterModelOptions } from './models.js';
export type {
  AliasChange,
  ArtifactInfo,
  DatasetReference,
  MetricPoint,
  ModelVersion,
  RunInfo,
  RunStatus,
} from './records.js';
export { openRegistry, type Registry } from './registry.js';
export type { Run } from './run.js';
export type { StartRunOptions } from './runs.js';
