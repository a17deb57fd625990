// Starting, finding and reading runs. What happens while a run runs is in run.ts.
import { parseOptions } from '@percept/core';
import { type Storage, writeJson } from '@percept/storage';
import * as z from 'zod/mini';
import { readBlob } from './blobs.js';
import { runFolder, runIndex } from './layout.js';
import { markIndex } from './models.js';
import { checkName, describeKnown, notRegistered } from './names.js';
import {
  type ArtifactInfo,
  corrupt,
  type MetricPoint,
  parseRecord,
  type RunInfo,
  readRecord,
  schemas,
} from './records.js';
import { artifactKey, Run } from './run.js';

/** Options of {@link Registry.startRun}. */
export interface StartRunOptions {
  /** What runs are grouped by. */
  readonly experiment: string;
  /** For people; need not be unique. */
  readonly name?: string | undefined;
  readonly seed?: number | undefined;
  /** Version of the user's code, usually a git commit. */
  readonly codeVersion?: string | undefined;
  /** Id of the dataset version that it learns from. */
  readonly datasetVersion?: string | undefined;
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined;
}

const optionalString = z.optional(z.string().check(z.minLength(1)));
const startSchema = z.strictObject({
  experiment: z.string(),
  name: optionalString,
  seed: z.optional(z.number()),
  codeVersion: optionalString,
  datasetVersion: optionalString,
  params: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
});
const listSchema = z.strictObject({ experiment: optionalString });

/** Starts a run. */
export async function startRun(storage: Storage, options: StartRunOptions): Promise<Run> {
  const { params, ...facts } = parseOptions(startSchema, options, 'startRun() options');
  checkName(facts.experiment, 'an experiment');
  const id = newRunId(Date.now());
  const run = new Run(storage, id);
  if (params !== undefined) await run.logParams(params);
  await markIndex(storage, `${runIndex}${facts.experiment}/${id}`);
  await writeJson(
    storage,
    `${runFolder(id)}run.json`,
    { id, ...facts, startedAt: new Date().toISOString() },
    { ifAbsent: true },
  );
  return run;
}

/** One run that must exist. */
export async function getRun(storage: Storage, id: string): Promise<RunInfo> {
  const found = isRunId(id) ? await readRun(storage, id) : undefined;
  if (found !== undefined) return found;
  const known = describeKnown('experiments', await experiments(storage).catch(() => []));
  throw notRegistered(`a run "${id}"`, `${known}; listRuns() shows their runs`, { kind: 'run', id });
}

/** Runs in the order in which they were started. */
export async function listRuns(storage: Storage, options: { experiment?: string | undefined }): Promise<RunInfo[]> {
  const { experiment } = parseOptions(listSchema, options, 'listRuns() options');
  if (experiment !== undefined) checkName(experiment, 'an experiment');
  const ids: string[] = [];
  for await (const { key } of storage.list(experiment === undefined ? runIndex : `${runIndex}${experiment}/`)) {
    ids.push(key.slice(key.lastIndexOf('/') + 1));
  }
  const runs: RunInfo[] = [];
  for (const id of ids.sort()) {
    const run = await readRun(storage, id);
    if (run !== undefined) runs.push(run);
  }
  return runs;
}

/** Every value of every metric of a run, by name, ascending by step; of several values at a step the last one. */
export async function readMetrics(storage: Storage, id: string): Promise<Record<string, MetricPoint[]>> {
  await getRun(storage, id);
  const folder = `${runFolder(id)}metrics/`;
  const files: string[] = [];
  for await (const { key } of storage.list(folder)) files.push(key);
  files.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const byName = new Map<string, Map<number, MetricPoint>>();
  for (const key of files) {
    for (const line of new TextDecoder().decode(await storage.read(key)).split('\n')) {
      if (line === '') continue;
      const { step, time, values } = parseLine(storage, key, line);
      for (const [name, value] of Object.entries(values)) {
        const points = byName.get(name) ?? new Map<number, MetricPoint>();
        byName.set(name, points.set(step, { step, value: Number(value), time }));
      }
    }
  }
  return Object.fromEntries(
    [...byName].map(([name, points]) => [name, [...points.values()].sort((a, b) => a.step - b.step)]),
  );
}

/** The files of a run, ascending by path. */
export async function listArtifacts(storage: Storage, id: string): Promise<ArtifactInfo[]> {
  await getRun(storage, id);
  const artifacts: ArtifactInfo[] = [];
  for await (const { key } of storage.list(`${runFolder(id)}artifacts/`)) {
    const artifact = await readRecord(storage, key, schemas.artifact);
    if (artifact !== undefined) artifacts.push(artifact);
  }
  return artifacts.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The bytes of a file of a run, checked against their digest. */
export async function readArtifact(storage: Storage, id: string, path: string): Promise<Uint8Array> {
  const artifact = await readRecord(storage, artifactKey(id, path), schemas.artifact);
  if (artifact !== undefined) return readBlob(storage, artifact);
  const known = describeKnown(
    'artifacts',
    (await listArtifacts(storage, id)).map((artifact) => artifact.path),
  );
  throw notRegistered(`an artifact "${path}" of run ${id}`, known, { kind: 'artifact', id, path });
}

async function readRun(storage: Storage, id: string): Promise<RunInfo | undefined> {
  const folder = runFolder(id);
  const run = await readRecord(storage, `${folder}run.json`, schemas.run);
  if (run === undefined) return undefined;
  const params = new Map<string, string | number | boolean>();
  for await (const { key } of storage.list(`${folder}params/`)) {
    const param = await readRecord(storage, key, schemas.param);
    if (param !== undefined) params.set(param.name, param.value);
  }
  const end = await readRecord(storage, `${folder}status.json`, schemas.status);
  return { ...run, status: 'running', ...end, params: Object.fromEntries(params) };
}

function parseLine(storage: Storage, key: string, line: string) {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw corrupt(storage, key, 'a line of it is not JSON', cause);
  }
  return parseRecord(storage, key, schemas.metrics, value);
}

async function experiments(storage: Storage): Promise<string[]> {
  const names = new Set<string>();
  for await (const { key } of storage.list(runIndex)) names.add(key.slice(runIndex.length, key.lastIndexOf('/')));
  return [...names];
}

function isRunId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id);
}

/** 48 bits of milliseconds, so that ids sort by time, and 80 random bits. */
function newRunId(time: number): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  return (
    time.toString(16).padStart(12, '0') + Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
  );
}
