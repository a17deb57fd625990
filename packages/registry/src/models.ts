// Model versions and aliases.
import { describeValue, PerceptError, parseOptions } from '@percept/core';
import type { Storage } from '@percept/storage';
import * as z from 'zod/mini';
import { writeBlob } from './blobs.js';
import { aliasesFolder, aliasFolder, modelIndex, versionFolder } from './layout.js';
import { checkName, describeKnown, notRegistered } from './names.js';
import { type AliasChange, type ModelVersion, readRecord, schemas } from './records.js';
import { append, lastNumber, numberedKey } from './sequence.js';

/** Options of {@link Registry.registerModel}. */
export interface RegisterModelOptions {
  /** The run that made it; it must be in this registry. */
  readonly runId?: string | undefined;
  /** The dataset version that it learned from. */
  readonly datasetVersion?: string | undefined;
  /** What it was made from: the digest (`sha256:…`) or the address (`models:/name/3`) of a model. */
  readonly parentModel?: string | undefined;
  /** Figures to choose versions by, such as `{ accuracy: 0.91 }`. Finite. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Stops the call; no version is taken then. */
  readonly signal?: AbortSignal | undefined;
}

/** A registered model: its name, how many versions it has, and where its aliases point. */
export interface ModelInfo {
  readonly name: string;
  /** Number of the latest version, which is also how many there are. */
  readonly latestVersion: number;
  /** Version by alias. */
  readonly aliases: Readonly<Record<string, number>>;
}

const optionalString = z.optional(z.string().check(z.minLength(1)));

const schema = z.strictObject({
  runId: optionalString,
  datasetVersion: optionalString,
  parentModel: z.optional(
    z
      .string()
      .check(
        z.regex(
          /^(sha256:[0-9a-f]{64}|models:\/[A-Za-z0-9._-]+\/[0-9]+)$/,
          'a digest (sha256:…) or models:/name/version',
        ),
      ),
  ),
  metrics: z.optional(z.record(z.string(), z.number())),
  tags: z.optional(z.record(z.string(), z.string())),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal')),
});

/** Stores the bytes, then takes the next version number with a record that refers to them. */
export async function registerModel(
  storage: Storage,
  name: string,
  bytes: Uint8Array,
  options: RegisterModelOptions,
): Promise<ModelVersion> {
  checkName(name, 'the name of a model');
  const { signal, ...facts } = parseOptions(schema, options, 'registerModel() options');
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected the bytes of a model as a Uint8Array for registerModel() but received ${describeValue(bytes)}${bytes instanceof Uint8Array ? ' without bytes' : ''}`,
    );
  }
  const digest = await writeBlob(storage, bytes, signal);
  await markIndex(storage, `${modelIndex}${name}`);
  const record = { name, version: 0, digest, size: bytes.length, createdAt: new Date().toISOString(), ...facts };
  const textOf = (version: number) => JSON.stringify({ ...record, version });
  const version = await append(storage, versionFolder(name), 'json', textOf, signal);
  return { ...record, version };
}

/** Writes an empty object that makes a name listable. */
export async function markIndex(storage: Storage, key: string): Promise<void> {
  if ((await storage.stat(key)) === undefined) await storage.write(key, new Uint8Array());
}

/** Every model that has a version, ascending by name. */
export async function listModels(storage: Storage): Promise<ModelInfo[]> {
  const models: ModelInfo[] = [];
  for await (const { key } of storage.list(modelIndex)) {
    const name = key.slice(modelIndex.length);
    // The index is written before the first version, so that a version is never hidden.
    const latestVersion = await lastNumber(storage, versionFolder(name));
    if (latestVersion > 0) models.push({ name, latestVersion, aliases: await listAliases(storage, name) });
  }
  return models;
}

/** Every version of a model, ascending. */
export async function listVersions(storage: Storage, name: string): Promise<ModelVersion[]> {
  const last = await latestVersion(storage, name);
  return Promise.all(Array.from({ length: last }, (_, index) => getVersion(storage, name, index + 1)));
}

/** Number of the last version of a model that must exist. */
export async function latestVersion(storage: Storage, name: string): Promise<number> {
  checkName(name, 'the name of a model');
  const last = await lastNumber(storage, versionFolder(name));
  if (last > 0) return last;
  const known = await ifListable(async () => (await listModels(storage)).map((model) => model.name));
  throw notRegistered(`a registered model "${name}"`, describeList('models', known), { kind: 'model', name });
}

/** One version of a model that must exist. */
export async function getVersion(storage: Storage, name: string, version: number): Promise<ModelVersion> {
  checkName(name, 'the name of a model');
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a version number of at least 1 for model "${name}" but received ${describeValue(version)}`,
    );
  }
  const record = await readRecord(storage, numberedKey(versionFolder(name), version), schemas.modelVersion);
  if (record !== undefined) return record;
  const last = await latestVersion(storage, name);
  throw notRegistered(`version ${version} of model "${name}"`, `it has the versions 1 to ${last}`, {
    kind: 'version',
    name,
    version,
    latestVersion: last,
  });
}

/** Points an alias at a version, which must exist; says so in the alias's history unless it pointed there already. */
export async function setAlias(storage: Storage, name: string, alias: string, version: number): Promise<void> {
  checkName(alias, 'an alias');
  await getVersion(storage, name, version);
  if ((await getAlias(storage, name, alias)) === version) return;
  const change = JSON.stringify({ alias, version, changedAt: new Date().toISOString() } satisfies AliasChange);
  await append(storage, aliasFolder(name, alias), 'json', () => change);
}

/** The version that an alias points to; `undefined` when it was never set. */
export async function getAlias(storage: Storage, name: string, alias: string): Promise<number | undefined> {
  checkName(name, 'the name of a model');
  checkName(alias, 'an alias');
  const folder = aliasFolder(name, alias);
  const last = await lastNumber(storage, folder);
  if (last === 0) return undefined;
  return (await readRecord(storage, numberedKey(folder, last), schemas.aliasChange))?.version;
}

/** The version that an alias points to; rejects when there is no such alias. */
export async function aliasedVersion(storage: Storage, name: string, alias: string): Promise<number> {
  const version = await getAlias(storage, name, alias);
  if (version !== undefined) return version;
  await latestVersion(storage, name);
  const known = await ifListable(async () => Object.keys(await listAliases(storage, name)));
  throw notRegistered(`an alias "${alias}" of model "${name}"`, describeList('aliases', known), {
    kind: 'alias',
    name,
    alias,
  });
}

/** Every change of an alias, oldest first. */
export async function aliasHistory(storage: Storage, name: string, alias: string): Promise<AliasChange[]> {
  checkName(name, 'the name of a model');
  checkName(alias, 'an alias');
  const folder = aliasFolder(name, alias);
  const last = await lastNumber(storage, folder);
  const numbers = Array.from({ length: last }, (_, index) => index + 1);
  const changes = await Promise.all(
    numbers.map((number) => readRecord(storage, numberedKey(folder, number), schemas.aliasChange)),
  );
  return changes.filter((change) => change !== undefined);
}

async function listAliases(storage: Storage, name: string): Promise<Record<string, number>> {
  const folder = aliasesFolder(name);
  const names = new Set<string>();
  for await (const { key } of storage.list(folder)) names.add(key.slice(folder.length, key.lastIndexOf('/')));
  const entries = await Promise.all([...names].map(async (alias) => [alias, await getAlias(storage, name, alias)]));
  return Object.fromEntries(entries.filter(([, version]) => version !== undefined)) as Record<string, number>;
}

/** What an error message would like to list; not every storage can. */
async function ifListable(list: () => Promise<string[]>): Promise<string[] | undefined> {
  return list().catch(() => undefined);
}

function describeList(what: string, names: readonly string[] | undefined): string {
  return names === undefined ? `this storage cannot list the known ${what}` : describeKnown(what, names);
}
