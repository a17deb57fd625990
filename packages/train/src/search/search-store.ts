import { PerceptError } from '@percept/core';
import { readJson, type Storage, writeJson } from '@percept/storage';
import * as z from 'zod';
import type { Trial } from './trial.js';

/** What a trial's object holds; `params` are not stored, they follow from `values`. */
export type TrialRecord = Omit<Trial, 'params' | 'state'> & { readonly state: Trial['state'] | 'running' };

/** What makes two searches the same: by name, as text. */
export type SearchIdentity = Readonly<Record<string, string>>;

const format = 1;
const headSchema = z.object({ format: z.literal(format), identity: z.record(z.string(), z.string()) });
const recordSchema = z.object({
  number: z.int().min(0),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  state: z.enum(['running', 'complete', 'pruned', 'failed']),
  value: z.number().optional(),
  // JSON has no NaN; it is stored as null.
  reports: z.array(z.object({ step: z.int().min(0), value: z.number().nullable() })),
  seconds: z.number(),
  error: z.string().optional(),
});

/** The trials of a search as objects `<key>/trials/000012.json`, beside `<key>/search.json` that says which search it is. */
export class SearchStore {
  readonly #storage: Storage;
  readonly #key: string;
  readonly #signal: AbortSignal | undefined;

  constructor(storage: Storage, key: string, signal: AbortSignal | undefined) {
    this.#storage = storage;
    this.#key = key;
    this.#signal = signal;
  }

  /**
   * The stored trials that have ended, by number; begins a search where there is none.
   *
   * @throws PerceptError `TRAIN_SEARCH_MISMATCH` when another search is stored there, `TRAIN_SEARCH_INVALID` when it
   *   cannot be read
   */
  async open(identity: SearchIdentity): Promise<Map<number, TrialRecord>> {
    const signal = this.#signal;
    const headKey = `${this.#key}/search.json`;
    const head = await this.#read(headKey, headSchema);
    if (head === undefined) {
      await writeJson(this.#storage, headKey, { format, identity }, { signal });
      return new Map();
    }
    const differing = Object.keys(identity).filter((name) => identity[name] !== head.identity[name]);
    if (differing.length > 0) {
      const each = differing.map((name) => `${name}: stored ${head.identity[name]}, now ${identity[name]}`);
      throw new PerceptError(
        'TRAIN_SEARCH_MISMATCH',
        `Expected the search stored under "${this.#key}" but it differs in ${each.join('; ')}. Use the same options, or another key`,
        { details: { key: this.#key, differing } },
      );
    }
    const ended = new Map<number, TrialRecord>();
    for await (const { key } of this.#storage.list(`${this.#key}/trials/`, { signal })) {
      const record = await this.#read(key, recordSchema);
      if (record === undefined || record.state === 'running') continue;
      const { value, error, ...rest } = record;
      const reports = record.reports.map((report) => ({ step: report.step, value: report.value ?? Number.NaN }));
      ended.set(record.number, {
        ...rest,
        reports,
        ...(value !== undefined && { value }),
        ...(error !== undefined && { error }),
      });
    }
    return ended;
  }

  /** Keeps the object of one trial up to date. */
  writer(number: number): LatestWriter {
    const key = `${this.#key}/trials/${String(number).padStart(6, '0')}.json`;
    return new LatestWriter((record) => writeJson(this.#storage, key, record));
  }

  async #read<Schema extends z.ZodType>(key: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    const found = await readJson<unknown>(this.#storage, key, { signal: this.#signal });
    if (found === undefined) return undefined;
    const parsed = schema.safeParse(found);
    if (parsed.success) return parsed.data;
    throw new PerceptError(
      'TRAIN_SEARCH_INVALID',
      `Expected a stored search in "${key}" of ${this.#storage.description} but it is something else: ${z.prettifyError(parsed.error)}. Delete it, or use another key`,
      { details: { key }, cause: parsed.error },
    );
  }
}

/** Writes one value after another and leaves out those that were overtaken while a write was under way. */
class LatestWriter {
  readonly #write: (record: TrialRecord) => Promise<unknown>;
  #next: TrialRecord | undefined;
  #writing: Promise<void> | undefined;

  constructor(write: (record: TrialRecord) => Promise<unknown>) {
    this.#write = write;
  }

  put(record: TrialRecord): void {
    this.#next = record;
    if (this.#writing !== undefined) return;
    this.#writing = this.#drain();
    // Told by settled().
    this.#writing.catch(() => {});
  }

  /** Resolves when the last value is durable; rejects with what a write threw. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#next !== undefined) {
      const record = this.#next;
      this.#next = undefined;
      await this.#write(record);
    }
    this.#writing = undefined;
  }
}
