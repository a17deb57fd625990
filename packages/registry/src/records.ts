// The JSON objects of the registry: their types, for users, and their schemas, by which they are checked when read.
import { isPerceptError, PerceptError } from '@percept/core';
import { readJson, type Storage } from '@percept/storage';
import * as z from 'zod/mini';

/** A registered version of a model. */
export interface ModelVersion {
  readonly name: string;
  /** Counted from 1 within the name, without gaps. */
  readonly version: number;
  /** `sha256:<hex>` of the model's bytes. */
  readonly digest: string;
  /** Bytes of the model. */
  readonly size: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The run that made it. */
  readonly runId?: string | undefined;
  /** The dataset version that it learned from. */
  readonly datasetVersion?: string | undefined;
  /** What it was made from: a digest (`sha256:…`) or an address (`models:/name/3`). */
  readonly parentModel?: string | undefined;
  /** Figures measured when it was registered. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** One entry of an alias's history. */
export interface AliasChange {
  readonly alias: string;
  /** The version that it pointed to from then on. */
  readonly version: number;
  /** ISO 8601. */
  readonly changedAt: string;
}

/** How a run stands. A run whose process died stays `running` until it is resumed. */
export type RunStatus = 'running' | 'finished' | 'failed';

/** A run as it is stored, without metrics and artifacts. */
export interface RunInfo {
  /** 32 hexadecimal digits; ids ascend with their starting time. */
  readonly id: string;
  readonly experiment: string;
  readonly name?: string | undefined;
  readonly seed?: number | undefined;
  readonly codeVersion?: string | undefined;
  readonly datasetVersion?: string | undefined;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly status: RunStatus;
  /** ISO 8601; absent while it runs. */
  readonly finishedAt?: string | undefined;
  readonly params: Readonly<Record<string, string | number | boolean>>;
}

/** One value of a metric. */
export interface MetricPoint {
  readonly step: number;
  /** May be NaN or infinite. */
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** A file of a run. */
export interface ArtifactInfo {
  /** Relative POSIX path. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** `sha256:<hex>`. */
  readonly digest: string;
}

/** A dataset version that lives elsewhere, as the registry refers to it. */
export interface DatasetReference {
  readonly name: string;
  /** Identifies the version everywhere, usually its content hash. */
  readonly id: string;
  /** Ids of the dataset versions that it was made from. */
  readonly parents: readonly string[];
  /** Where it can be opened, for people and programs: a folder, an address. */
  readonly location: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
const optionalString = z.optional(z.string());
const count = z.int().check(z.minimum(0));

/** Schemas of what is stored. Unknown fields are ignored, so that later versions may add some. */
export const schemas = {
  format: z.object({ format: z.number() }),
  modelVersion: z.object({
    name: z.string(),
    version: z.int().check(z.minimum(1)),
    digest,
    size: count,
    createdAt: z.string(),
    runId: optionalString,
    datasetVersion: optionalString,
    parentModel: optionalString,
    metrics: z.optional(z.record(z.string(), z.number())),
    tags: z.optional(z.record(z.string(), z.string())),
  }),
  aliasChange: z.object({ alias: z.string(), version: z.int().check(z.minimum(1)), changedAt: z.string() }),
  run: z.object({
    id: z.string(),
    experiment: z.string(),
    name: optionalString,
    seed: z.optional(z.number()),
    codeVersion: optionalString,
    datasetVersion: optionalString,
    startedAt: z.string(),
  }),
  status: z.object({ status: z.enum(['finished', 'failed']), finishedAt: z.string() }),
  param: z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) }),
  metrics: z.object({
    step: z.number(),
    time: z.number(),
    values: z.record(z.string(), z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])),
  }),
  artifact: z.object({ path: z.string(), size: count, digest }),
  dataset: z.object({
    name: z.string(),
    id: z.string(),
    parents: z.array(z.string()),
    location: z.string(),
    createdAt: z.string(),
  }),
};

/**
 * Reads and checks one record.
 *
 * @returns `undefined` when there is none
 * @throws PerceptError `REGISTRY_CORRUPT` when it is not what the registry writes
 */
export async function readRecord<Schema extends z.ZodMiniType>(
  storage: Storage,
  key: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  let value: unknown;
  try {
    value = await readJson(storage, key);
  } catch (error) {
    if (isPerceptError(error, 'STORAGE_JSON_INVALID')) throw corrupt(storage, key, 'it is not JSON', error);
    throw error;
  }
  return value === undefined ? undefined : parseRecord(storage, key, schema, value);
}

/** Checks one record that was read already; throws as {@link readRecord}. */
export function parseRecord<Schema extends z.ZodMiniType>(
  storage: Storage,
  key: string,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw corrupt(storage, key, 'it has not the fields of such a record', parsed.error);
}

/** The error for stored bytes that are not what was written. */
export function corrupt(storage: Storage, key: string, why: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'REGISTRY_CORRUPT',
    `Expected "${key}" in ${storage.description} as the registry wrote it but ${why}; restore the object from a copy`,
    { details: { key, storage: storage.description }, cause },
  );
}
