import type { ModelResolver } from '@percept/core';
import type { Storage } from '@percept/storage';
import { type DatasetFacts, listDatasets, registerDataset } from './datasets.js';
import { type LineageGraph, type LineageKind, lineage } from './lineage.js';
import {
  aliasHistory,
  getAlias,
  getVersion,
  listModels,
  listVersions,
  type ModelInfo,
  type RegisterModelOptions,
  registerModel,
  setAlias,
} from './models.js';
import type { AliasChange, ArtifactInfo, DatasetReference, MetricPoint, ModelVersion, RunInfo } from './records.js';
import { resolverOf } from './resolver.js';
import { Run, runFinished } from './run.js';
import { getRun, listArtifacts, listRuns, readArtifact, readMetrics, type StartRunOptions, startRun } from './runs.js';
import { Store } from './store.js';

/**
 * Runs, model versions, aliases and dataset references in a storage. Any number of processes may use it at the same time.
 *
 * Besides what is named below, every method rejects with what the storage throws, `INVALID_ARGUMENT`,
 * `REGISTRY_FORMAT_UNSUPPORTED` for a registry of another format, and `REGISTRY_CORRUPT` for records and bytes that are
 * not what was written. `REGISTRY_NOT_FOUND` says what there is instead.
 */
export interface Registry {
  /** Starts a run; hand it to a trainer as its `Tracker`. */
  startRun(options: StartRunOptions): Promise<Run>;
  /**
   * Goes on with a run whose process died. Values that are logged again for a step replace the earlier ones.
   *
   * @throws PerceptError `REGISTRY_NOT_FOUND`, `REGISTRY_RUN_FINISHED`
   */
  resumeRun(id: string): Promise<Run>;
  /** @throws PerceptError `REGISTRY_NOT_FOUND` */
  getRun(id: string): Promise<RunInfo>;
  /** Runs in the order in which they were started. */
  listRuns(options?: { readonly experiment?: string | undefined }): Promise<RunInfo[]>;
  /** Durable metric values of a run by name, ascending by step. Rejects with `REGISTRY_NOT_FOUND`. */
  readMetrics(runId: string): Promise<Record<string, MetricPoint[]>>;
  /** Files of a run, ascending by path. Rejects with `REGISTRY_NOT_FOUND`. */
  listArtifacts(runId: string): Promise<ArtifactInfo[]>;
  /** Bytes of a file of a run, checked against their digest. Rejects with `REGISTRY_NOT_FOUND`. */
  readArtifact(runId: string, path: string): Promise<Uint8Array>;
  /**
   * Registers bytes, an ONNX model as a rule, as the next version of a model. The bytes are stored under their SHA-256,
   * the record last: a writer that dies leaves no version.
   *
   * @param name - 1..128 letters, digits, `.`, `_`, `-`
   * @throws PerceptError `REGISTRY_NOT_FOUND` when there is no such run, `ABORTED`
   */
  registerModel(name: string, bytes: Uint8Array, options?: RegisterModelOptions): Promise<ModelVersion>;
  /** Models that have a version, ascending by name. */
  listModels(): Promise<ModelInfo[]>;
  /** Versions of a model, ascending. Rejects with `REGISTRY_NOT_FOUND`. */
  listVersions(name: string): Promise<ModelVersion[]>;
  /** @throws PerceptError `REGISTRY_NOT_FOUND` */
  getVersion(name: string, version: number): Promise<ModelVersion>;
  /** Points an alias at a version of the model, and keeps the change in its history. Rejects with `REGISTRY_NOT_FOUND`. */
  setAlias(name: string, alias: string, version: number): Promise<void>;
  /** The version that an alias points to; `undefined` when it was never set. */
  getAlias(name: string, alias: string): Promise<number | undefined>;
  /** Every change of an alias, oldest first: who went into service when. */
  aliasHistory(name: string, alias: string): Promise<AliasChange[]>;
  /**
   * Records where a dataset version is and what it was made from. The same again is fine.
   *
   * @throws PerceptError `REGISTRY_DATASET_CONFLICT` when the id is registered with other facts
   */
  registerDataset(dataset: DatasetFacts): Promise<DatasetReference>;
  /** Dataset versions, ascending by id. */
  listDatasets(): Promise<DatasetReference[]>;
  /**
   * What something came from and what came of it. Reads all records: fine for thousands, not for every request.
   *
   * @param id - run id, dataset version id, or for models `name/3`, `name@alias`, `name`
   * @throws PerceptError `REGISTRY_NOT_FOUND`
   */
  lineage(kind: LineageKind, id: string): Promise<LineageGraph>;
  /**
   * Resolves `models:/name@alias`, `models:/name/3` and `models:/name` (the latest version), bytes checked against their
   * digest. Works on read-only storages, plain HTTP included.
   */
  resolver(): ModelResolver;
}

/** Opens the registry in a storage; an empty storage is an empty registry. Reads nothing yet. */
export function openRegistry(storage: Storage): Registry {
  const store = new Store(storage);
  return {
    async startRun(options) {
      return startRun(await store.writing(), options);
    },
    async resumeRun(id) {
      const writable = await store.writing();
      const { status } = await getRun(writable, id);
      if (status !== 'running') throw runFinished(id, status);
      return new Run(writable, id);
    },
    async getRun(id) {
      return getRun(await store.reading(), id);
    },
    async listRuns(options = {}) {
      return listRuns(await store.reading(), options);
    },
    async readMetrics(runId) {
      return readMetrics(await store.reading(), runId);
    },
    async listArtifacts(runId) {
      return listArtifacts(await store.reading(), runId);
    },
    async readArtifact(runId, path) {
      return readArtifact(await store.reading(), runId, path);
    },
    async registerModel(name, bytes, options = {}) {
      const writable = await store.writing();
      if (options.runId !== undefined) await getRun(writable, options.runId);
      return registerModel(writable, name, bytes, options);
    },
    async listModels() {
      return listModels(await store.reading());
    },
    async listVersions(name) {
      return listVersions(await store.reading(), name);
    },
    async getVersion(name, version) {
      return getVersion(await store.reading(), name, version);
    },
    async setAlias(name, alias, version) {
      await setAlias(await store.writing(), name, alias, version);
    },
    async getAlias(name, alias) {
      return getAlias(await store.reading(), name, alias);
    },
    async aliasHistory(name, alias) {
      return aliasHistory(await store.reading(), name, alias);
    },
    async registerDataset(dataset) {
      return registerDataset(await store.writing(), dataset);
    },
    async listDatasets() {
      return listDatasets(await store.reading());
    },
    async lineage(kind, id) {
      return lineage(await store.reading(), kind, id);
    },
    resolver() {
      return resolverOf(store);
    },
  };
}
