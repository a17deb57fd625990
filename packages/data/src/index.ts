export { type ApplyCorrectionsOptions, applyCorrections } from './apply-corrections.js';
export {
  commitDatasetVersion,
  type DatasetVersion,
  type DatasetVersionContent,
  datasetHistory,
  listDatasetVersions,
  openDatasetVersion,
  readDatasetVersion,
} from './dataset-version.js';
export { type FeedbackStore, feedbackStore } from './feedback-store.js';
export { indexSource } from './index-source.js';
export { createLoader, type LoaderOptions, type TransformContext } from './loader.js';
export { openShards } from './open-shards.js';
export { type PackOptions, packShards } from './pack-shards.js';
export type { ShardIndex, ShardRef } from './shard-index.js';
export { concatSources, type IndexedSource, memorySource, subset } from './source.js';
export { type SplitOptions, splitSource } from './split-source.js';
export { readTar, type TarEntry } from './tar-read.js';
export { tarEnd, tarFile } from './tar-write.js';
export {
  type SampleSkip,
  type ValidateOptions,
  type ValidationReport,
  validateSource,
} from './validate-source.js';
export { type WebDatasetSample, webDatasetSamples } from './webdataset.js';
