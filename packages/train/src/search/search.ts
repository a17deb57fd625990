// How a search gives the same trials whatever runs at once, and in whatever order trials end:
//
// Trial i is a pure function of (seed, i, the results of trials 0 … i - window). It begins when those have ended, which
// lets `window` trials run at once; whether the window - 1 trials between have ended by then or not, nobody looks at their
// results. Samplers see only their parameters (which they can, being functions of the same kind), pruners nothing of them.
// Unlike generations of a fixed size, the sliding window has no moment at which all workers wait for the slowest trial of
// a generation, and every trial learns from all but the last few.
//
// A search that was killed reads back the trials that had ended, and runs the others: their suggestions come out the same.
import { describeValue, keyedRandom, type LongCallOptions, PerceptError, throwIfAborted } from '@percept/core';
import { type FlatSpace, type FlatValues, nestValues } from './flat-space.js';
import { type CheckedSearch, checkSearchOptions, type SearchOptions } from './search-options.js';
import { SearchStore, type TrialRecord } from './search-store.js';
import type { Parameters, SearchSpace } from './space.js';
import { type JudgedTrial, judged, type Objective, type Report, type Trial } from './trial.js';

/** What a search found. */
export interface SearchResult<Params = Record<string, unknown>> {
  /** The complete trial with the best value, the earliest of equals. */
  readonly best: Trial<Params> & { readonly value: number };
  /** All trials that have ended, by number. */
  readonly trials: readonly Trial<Params>[];
  readonly direction: 'minimize' | 'maximize';
  /** The parameters of the space by path, for plots and importance. */
  readonly space: FlatSpace;
  /** How many of the trials were read from the storage. */
  readonly resumed: number;
}

/**
 * Searches for the parameters with the best objective.
 *
 * The same seed and options give the same trials with any `parallel`, as far as the objective gives the same values; with
 * a storage, the same call goes on where an earlier one was killed, and runs the interrupted trials again. (Suggestions
 * use `Math.log` and `Math.exp`, whose last bits may differ between JavaScript engines.) A trial that throws is recorded as
 * failed, and the search goes on. Progress is told in trials, with the best value so far.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; `ABORTED`, once the running trials have ended;
 *   `TRAIN_SEARCH_FAILED` when not one trial was complete; `TRAIN_SEARCH_MISMATCH` when another search is stored under the
 *   key, `TRAIN_SEARCH_INVALID` when it cannot be read; what the storage throws
 */
export async function search<const Space extends SearchSpace>(
  objective: Objective<Parameters<Space>>,
  options: SearchOptions<Space>,
): Promise<SearchResult<Parameters<Space>>> {
  if (typeof objective !== 'function') {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a function for the objective of search() but received ${describeValue(objective)}`,
    );
  }
  const checked = checkSearchOptions(options);
  const run = new SearchRun(objective as Objective, checked, options);
  return (await run.toEnd()) as SearchResult<Parameters<Space>>;
}

class SearchRun {
  readonly #objective: Objective;
  readonly #options: CheckedSearch;
  readonly #call: LongCallOptions;
  readonly #store: SearchStore | undefined;
  readonly #stop = new AbortController();
  /** Aborted by the caller, or when one trial could not be stored. */
  readonly #signal: AbortSignal;
  readonly #suggested: FlatValues[] = [];
  readonly #ended: Trial[] = [];
  readonly #judged: JudgedTrial[] = [];
  readonly #running = new Map<number, Promise<void>>();
  /** All trials below have ended. */
  #prefix = 0;
  #best: Trial | undefined;
  #resumed = 0;

  constructor(objective: Objective, options: CheckedSearch, call: LongCallOptions) {
    this.#objective = objective;
    this.#options = options;
    this.#call = call;
    this.#signal = call.signal ? AbortSignal.any([call.signal, this.#stop.signal]) : this.#stop.signal;
    this.#store = options.stored && new SearchStore(options.stored.storage, options.stored.key, call.signal);
  }

  async toEnd(): Promise<SearchResult> {
    const { direction, flat } = this.#options;
    throwIfAborted(this.#call.signal);
    try {
      await this.#runAll(await this.#readStored());
      await Promise.all(this.#running.values());
    } catch (error) {
      this.#stop.abort(error);
      await Promise.allSettled(this.#running.values());
      throw error;
    }
    // Places of trials that were stored but lie behind the end of this call's time stay empty.
    const trials = this.#ended.filter((trial) => trial !== undefined);
    const best = this.#best;
    if (best?.value === undefined) throw this.#nothingFound(trials);
    return { best: { ...best, value: best.value }, trials, direction, space: flat, resumed: this.#resumed };
  }

  async #readStored(): Promise<Map<number, TrialRecord>> {
    const { flat, sampler, pruner, seed, direction, window } = this.#options;
    const identity = {
      space: JSON.stringify(flat),
      sampler: sampler.description,
      pruner: pruner?.description ?? 'none',
      seed: String(seed),
      direction,
      window: String(window),
    };
    return (await this.#store?.open(identity)) ?? new Map();
  }

  async #runAll(stored: ReadonlyMap<number, TrialRecord>): Promise<void> {
    const { trials, seconds, parallel, window, space } = this.#options;
    const deadline = performance.now() + seconds * 1000;
    for (let number = 0; number < trials; number++) {
      const record = stored.get(number);
      if (record !== undefined && record.state !== 'running') {
        this.#suggested[number] = record.values;
        this.#resumed++;
        this.#end({ ...record, state: record.state, params: nestValues(space, record.values) });
        continue;
      }
      while (this.#running.size >= parallel || this.#prefix <= number - window) {
        await Promise.race(this.#running.values());
      }
      throwIfAborted(this.#call.signal);
      if (performance.now() >= deadline) return;
      this.#suggested[number] = this.#suggest(number);
      const run = this.#runTrial(number).finally(() => this.#running.delete(number));
      // Whoever waits for it learns of a failure; until then it must not count as unhandled.
      run.catch(() => {});
      this.#running.set(number, run);
    }
  }

  #suggest(trial: number): FlatValues {
    const { flat, sampler, seed, window } = this.#options;
    return sampler.suggest({
      space: flat,
      trial,
      seed,
      random: keyedRandom(seed, 'search', trial),
      history: this.#historyOf(trial),
      pending: this.#suggested.slice(Math.max(0, trial - window + 1), trial),
    });
  }

  /** What trial i may know: the trials 0 … i - window. */
  #historyOf(trial: number): readonly JudgedTrial[] {
    return this.#judged.slice(0, Math.max(0, trial - this.#options.window + 1));
  }

  async #runTrial(number: number): Promise<void> {
    const { space, direction, pruner, seed } = this.#options;
    const values = this.#suggested[number]!;
    const params = nestValues(space, values);
    const writer = this.#store?.writer(number);
    const began = performance.now();
    const reports: Report[] = [];
    let pruned = false;
    const record = (state: TrialRecord['state']): TrialRecord => ({
      number,
      values,
      state,
      reports: [...reports],
      seconds: (performance.now() - began) / 1000,
    });
    const tell = (record: TrialRecord): void => writer?.put(record);

    tell(record('running'));
    let outcome: Pick<Trial, 'state' | 'value' | 'error'>;
    try {
      const value = await this.#objective({
        number,
        params,
        signal: this.#signal,
        random: keyedRandom(seed, 'objective', number),
        report: (step, value) => {
          checkReport(step, value, reports.at(-1)?.step);
          reports.push({ step, value: Number.isFinite(value) ? value : Number.NaN });
          tell(record('running'));
        },
        shouldPrune: () => {
          if (pruned || pruner === undefined || reports.length === 0) return pruned;
          const sign = direction === 'minimize' ? 1 : -1;
          const turned = reports.map((report) => ({ step: report.step, value: sign * report.value }));
          pruned = pruner.shouldPrune({ trial: number, seed, reports: turned, history: this.#historyOf(number) });
          return pruned;
        },
      });
      outcome =
        typeof value === 'number' && Number.isFinite(value)
          ? { state: 'complete', value }
          : {
              state: 'failed',
              error: `Expected a finite number from the objective but received ${describeValue(value)}`,
            };
    } catch (error) {
      outcome = { state: 'failed', error: error instanceof Error ? error.message : String(error) };
    }
    if (pruned) outcome = { state: 'pruned' };
    // What an abort has cut short is not judged; it runs again when the search goes on.
    if (this.#signal.aborted && outcome.state !== 'complete') {
      await writer?.settled();
      throwIfAborted(this.#signal);
    }
    const ended = { ...record(outcome.state), ...outcome };
    tell(ended);
    await writer?.settled();
    this.#end({ ...ended, params });
  }

  #end(trial: Trial): void {
    const { direction, trials } = this.#options;
    this.#ended[trial.number] = trial;
    this.#judged[trial.number] = judged(trial, direction);
    while (this.#ended[this.#prefix] !== undefined) this.#prefix++;
    if (this.#isBest(trial)) this.#best = trial;
    this.#call.onProgress?.({
      stage: 'search',
      done: this.#ended.filter((ended) => ended !== undefined).length,
      ...(trials !== Number.POSITIVE_INFINITY && { total: trials }),
      unit: 'trials',
      ...(this.#best?.value !== undefined && { values: { best: this.#best.value } }),
    });
  }

  #isBest({ number, value }: Trial): boolean {
    const best = this.#best;
    if (value === undefined) return false;
    if (best?.value === undefined) return true;
    if (value === best.value) return number < best.number;
    return this.#options.direction === 'minimize' ? value < best.value : value > best.value;
  }

  #nothingFound(trials: readonly Trial[]): PerceptError {
    const failed = trials.find(({ error }) => error !== undefined);
    const why = failed ? ` The first failure (trial ${failed.number}): ${failed.error}` : '';
    return new PerceptError(
      'TRAIN_SEARCH_FAILED',
      `Expected a complete trial but ${trials.length === 0 ? 'the time was over before one ended' : `of ${trials.length} none was`}; mend the objective, or give it more trials or seconds.${why}`,
      { details: { trials } },
    );
  }
}

function checkReport(step: number, value: number, last: number | undefined): void {
  if (!Number.isSafeInteger(step) || step < 0 || (last !== undefined && step <= last)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a whole step ${last === undefined ? 'of at least 0' : `above ${last}`} for report() but received ${describeValue(step)}`,
    );
  }
  if (typeof value !== 'number') {
    throw new PerceptError('INVALID_ARGUMENT', `Expected a number for report() but received ${describeValue(value)}`);
  }
}
