import { isPerceptError, PerceptError } from '@percept/core';
import { type LoadedModel, type OpenOptions, openModel } from './loaded-model.js';
import { type ModelSource, resolveSource, sameModel, stillPointsTo } from './source.js';

/** After a failed load, calls fail at once for this long instead of loading again and again. */
const retryAfterMs = 5_000;

/** Holds the model of one source: loads it when first used, once, and swaps it for another without a gap. */
export class ModelSlot {
  readonly #source: ModelSource;
  readonly #options: OpenOptions;
  readonly #onChange: (model: LoadedModel) => void;
  #current: LoadedModel | undefined;
  #loading: Promise<void> | undefined;
  #failure: { readonly error: PerceptError; readonly at: number } | undefined;
  /** Loads and swaps run one after another. */
  #tail: Promise<unknown> = Promise.resolve();
  readonly #retiring = new Set<Promise<void>>();
  #closed = false;

  /** @param onChange - told in the same turn in which a model begins to answer */
  constructor(source: ModelSource, options: OpenOptions, onChange: (model: LoadedModel) => void) {
    this.#source = source;
    this.#options = options;
    this.#onChange = onChange;
  }

  get current(): LoadedModel | undefined {
    return this.#current;
  }

  get loading(): boolean {
    return this.#loading !== undefined;
  }

  /** Why the last load or reload failed; `undefined` after one that went well. */
  get failure(): PerceptError | undefined {
    return this.#failure?.error;
  }

  /** Runs `work` with the current model, loading it first if there is none, and keeps it open meanwhile. */
  async use<T>(work: (model: LoadedModel) => Promise<T>): Promise<T> {
    if (this.#current === undefined) await this.#loadOnce();
    // No await between looking and using: a swap cannot slip in and close what was looked at.
    return this.#current!.use(work);
  }

  /** After a failed load: loads again in the background, at most once in a while. */
  retry(): void {
    // What comes of it shows in `current` and `failure`.
    this.#loadOnce().catch(() => {});
  }

  /** Loads what the source points to now unless it is in service already; whether something changed. */
  reload(): Promise<boolean> {
    return this.#exclusive(async () => {
      if (this.#current !== undefined && (await this.#pointsToCurrent(this.#current))) {
        this.#failure = undefined;
        return false;
      }
      return this.#load();
    });
  }

  /** Refuses further use, waits for the users there are, closes all sessions. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
    const current = this.#current;
    if (current !== undefined) this.#retire(current);
    await Promise.all(this.#retiring);
  }

  async #loadOnce(): Promise<void> {
    if (this.#failure !== undefined && performance.now() - this.#failure.at < retryAfterMs) throw this.#failure.error;
    this.#loading ??= this.#exclusive(async () => {
      if (this.#current === undefined) await this.#load();
    }).finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
  }

  /** Whether another model than before is in service now. */
  async #load(): Promise<boolean> {
    const old = this.#current;
    try {
      const resolved = await resolveSource(this.#source);
      if (old !== undefined && sameModel(resolved, old.identity)) return false;
      this.#current = await openModel(resolved, this.#options);
      this.#failure = undefined;
    } catch (error) {
      throw this.#failed(error);
    }
    this.#onChange(this.#current);
    if (old !== undefined) this.#retire(old);
    return true;
  }

  async #pointsToCurrent(current: LoadedModel): Promise<boolean> {
    try {
      return await stillPointsTo(this.#source, current.identity);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(cause: unknown): PerceptError {
    const code = isPerceptError(cause) ? ` (${cause.code})` : '';
    const error = new PerceptError(
      'SERVE_MODEL_UNAVAILABLE',
      `Expected a model that can be loaded but loading it failed${code}; see the cause, then reload`,
      { cause, details: { retryAfterSeconds: retryAfterMs / 1000 } },
    );
    this.#failure = { error, at: performance.now() };
    return error;
  }

  #retire(model: LoadedModel): void {
    // A session that does not close leaves nothing to do: its model answers nobody any more.
    const retired: Promise<void> = model
      .retire()
      .catch(() => {})
      .finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(() => {
      if (this.#closed) {
        throw new PerceptError('SERVE_CLOSED', 'Expected an open predictor but it is closed; create another one');
      }
      return work();
    });
    this.#tail = run.catch(() => {});
    return run;
  }
}
