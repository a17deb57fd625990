import { PerceptError } from '@percept/core';
import { type Model, readModel, writeModel } from '@percept/onnx';
import { readJson, type Storage, writeJson } from '@percept/storage';
import * as z from 'zod';
import type { AutoTrainPlan } from './plan.js';

/** What makes two calls the same, by name, as text. */
export type AutoIdentity = Readonly<Record<string, string>>;

const numbers = z.record(z.string(), z.number());
const schema = z.object({
  format: z.literal(1),
  identity: z.record(z.string(), z.string()),
  plan: z.object({ rounds: z.int(), judged: z.int(), imagesPerRound: numbers, secondsPerImage: numbers }),
  /** Seconds of the search that earlier calls have spent. */
  spent: z.number().min(0),
});

/**
 * What `autoTrain` keeps under its key: `auto.json` with the plan, the search, `running/` with the checkpoints of trials,
 * `models/` with models of trials that were the best when they ended, and `final`, the checkpoint of the last training.
 */
export class AutoStore {
  readonly storage: Storage;
  readonly key: string;
  #head: z.output<typeof schema> | undefined;
  /** The best of the trials whose models were kept by this call. */
  #best: { readonly number: number; readonly value: number } | undefined;
  /** The last write of seconds, and the one that has not begun. */
  #written: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  constructor(storage: Storage, key: string) {
    this.storage = storage;
    this.key = key;
  }

  /**
   * The plan of an earlier call, `undefined` when there was none.
   *
   * @throws PerceptError `TRAIN_SEARCH_MISMATCH` when it was another search, `TRAIN_SEARCH_INVALID` when it cannot be read
   */
  async open(identity: AutoIdentity): Promise<AutoTrainPlan | undefined> {
    const key = `${this.key}/auto.json`;
    const found = await readJson<unknown>(this.storage, key);
    if (found === undefined) return undefined;
    const { data: head, error } = schema.safeParse(found);
    if (head === undefined) {
      throw new PerceptError(
        'TRAIN_SEARCH_INVALID',
        `Expected a stored autoTrain() in "${key}" of ${this.storage.description} but it is something else: ${z.prettifyError(error)}. Delete it, or use another key`,
        { details: { key }, cause: error },
      );
    }
    const differing = Object.keys(identity).filter((name) => identity[name] !== head.identity[name]);
    if (differing.length > 0) {
      const each = differing.map((name) => `${name}: stored ${head.identity[name]}, now ${identity[name]}`);
      throw new PerceptError(
        'TRAIN_SEARCH_MISMATCH',
        `Expected the autoTrain() stored under "${this.key}" but it differs in ${each.join('; ')}. Use the same data and options, or another key`,
        { details: { key: this.key, differing } },
      );
    }
    this.#head = head;
    return head.plan;
  }

  async begin(identity: AutoIdentity, plan: AutoTrainPlan): Promise<void> {
    this.#head = { format: 1, identity: { ...identity }, plan: { ...plan }, spent: 0 } as z.output<typeof schema>;
    await this.#write();
  }

  /** Seconds of the search that were spent so far. */
  get spent(): number {
    return this.#head?.spent ?? 0;
  }

  /** Keeps what the search has spent. A failure stays: every later call rejects, so that not each has to be waited for. */
  spend(spent: number): Promise<void> {
    this.#head = { ...this.#head!, spent };
    if (this.#waiting === undefined) {
      // What comes before the write begins is written with it.
      this.#waiting = this.#written.then(() => {
        this.#waiting = undefined;
        return this.#write();
      });
      this.#written = this.#waiting;
      this.#written.catch(() => {});
    }
    return this.#waiting;
  }

  /** Where the checkpoint of a running trial stands. */
  runningKey(trial: number): string {
    return `${this.key}/running/${name(trial)}`;
  }

  /** Keeps the model of a complete trial if no better one was kept. Of equal ones the earlier trial is the better. */
  async keepIfBest(trial: number, value: number, model: Model): Promise<void> {
    const best = this.#best;
    if (best !== undefined && (value < best.value || (value === best.value && trial > best.number))) return;
    this.#best = { number: trial, value };
    await this.storage.write(this.#modelKey(trial), writeModel(model));
  }

  /** The model of the best trial; models of others are dropped. */
  async bestModel(trial: number): Promise<Model> {
    const kept = this.#modelKey(trial);
    const model = readModel(await this.storage.read(kept));
    const others: string[] = [];
    for await (const { key } of this.storage.list(`${this.key}/models/`)) if (key !== kept) others.push(key);
    for (const key of others) await this.storage.delete(key);
    return model;
  }

  #modelKey(trial: number): string {
    return `${this.key}/models/${name(trial)}.onnx`;
  }

  async #write(): Promise<void> {
    await writeJson(this.storage, `${this.key}/auto.json`, this.#head);
  }
}

function name(trial: number): string {
  return String(trial).padStart(6, '0');
}
