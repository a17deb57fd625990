import { isPerceptError, PerceptError, parseOptions } from '@percept/core';
import { type Storage, writeJson } from '@percept/storage';
import * as z from 'zod/mini';
import { datasetFolder, datasetKey } from './layout.js';
import { checkName } from './names.js';
import { type DatasetReference, readRecord, schemas } from './records.js';

/** What {@link Registry.registerDataset} takes. */
export interface DatasetFacts {
  readonly name: string;
  /** Identifies the version everywhere, usually its content hash: 1..128 letters, digits, `:`, `.`, `_`, `-`. */
  readonly id: string;
  /** Ids of the dataset versions that it was made from; they need not be registered. None by default. */
  readonly parents?: readonly string[] | undefined;
  /** Where it can be opened: a folder, an address. */
  readonly location: string;
}

const text = z.string().check(z.minLength(1));
const schema = z.strictObject({
  name: text,
  id: z
    .string()
    .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9:._-]{0,127}$/, 'an id of 1 to 128 letters, digits, ":", ".", "_" or "-"')),
  parents: z._default(z.array(text), []),
  location: text,
});

/** Records a dataset version; the same again is fine. */
export async function registerDataset(storage: Storage, dataset: DatasetFacts): Promise<DatasetReference> {
  const facts = parseOptions(schema, dataset, 'registerDataset() dataset');
  checkName(facts.name, 'the name of a dataset');
  const reference = { ...facts, createdAt: new Date().toISOString() };
  const key = datasetKey(facts.id);
  try {
    await writeJson(storage, key, reference, { ifAbsent: true });
    return reference;
  } catch (error) {
    const known = isPerceptError(error, 'STORAGE_EXISTS') ? await readRecord(storage, key, schemas.dataset) : undefined;
    if (known === undefined) throw error;
    const { createdAt, ...recorded } = known;
    if (canonical(recorded) === canonical(facts)) return known;
    throw new PerceptError(
      'REGISTRY_DATASET_CONFLICT',
      `Expected dataset version "${facts.id}" as it is registered, ${canonical(recorded)}, but received ${canonical(facts)}; a dataset version never changes: register the other one under an id of its own`,
      { details: { recorded, received: facts } },
    );
  }
}

/** Every registered dataset version, ascending by id. */
export async function listDatasets(storage: Storage): Promise<DatasetReference[]> {
  const datasets: DatasetReference[] = [];
  for await (const { key } of storage.list(datasetFolder)) {
    const dataset = await readRecord(storage, key, schemas.dataset);
    if (dataset !== undefined) datasets.push(dataset);
  }
  return datasets;
}

function canonical({ name, id, parents, location }: Omit<DatasetReference, 'createdAt'>): string {
  return JSON.stringify({ name, id, parents: [...parents].sort(), location });
}
