import { describeValue, isPerceptError, PerceptError, parseOptions, type Tracker } from '@percept/core';
import { checkKey, type Storage, writeJson } from '@percept/storage';
import * as z from 'zod/mini';
import { writeBlob } from './blobs.js';
import { runFolder } from './layout.js';
import { MetricLog } from './metric-log.js';
import { type RunStatus, readRecord, schemas } from './records.js';
import { append } from './sequence.js';

const paramsSchema = z.record(z.string().check(z.minLength(1)), z.union([z.string(), z.number(), z.boolean()]));
const nameSchema = z.string().check(z.minLength(1));

/**
 * A run that is going on: hand it to whoever trains as their `Tracker`, then `finish` it. Leaving an `await using` block
 * without `finish` marks it as failed.
 */
export class Run implements Tracker {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly #storage: Storage;
  readonly #folder: string;
  readonly #metrics: MetricLog;
  #status: RunStatus = 'running';

  /** Runs come from {@link Registry.startRun} and {@link Registry.resumeRun}. */
  constructor(storage: Storage, id: string) {
    this.id = id;
    this.#storage = storage;
    this.#folder = runFolder(id);
    this.#metrics = new MetricLog((text) => append(storage, `${this.#folder}metrics/`, 'jsonl', () => text));
  }

  /**
   * Records parameters, durably when it resolves. The same value again is fine; when one name has another value already,
   * none is recorded. Numbers must be finite.
   *
   * @throws PerceptError `REGISTRY_PARAM_CONFLICT`, `REGISTRY_RUN_FINISHED`, `INVALID_ARGUMENT`
   */
  async logParams(params: Readonly<Record<string, string | number | boolean>>): Promise<void> {
    this.#checkRunning();
    const entries = Object.entries(parseOptions(paramsSchema, params, 'logParams() params'));
    const known = await Promise.all(entries.map(([name, value]) => this.#checkParam(name, value)));
    await Promise.all(
      entries.map(async ([name, value], index) => {
        if (known[index] === true) return;
        try {
          await writeJson(this.#storage, this.#paramKey(name), { name, value }, { ifAbsent: true });
        } catch (error) {
          if (!isPerceptError(error, 'STORAGE_EXISTS')) throw error;
          await this.#checkParam(name, value);
        }
      }),
    );
  }

  /**
   * Records metric values, which may be NaN or infinite, at a step. They are durable a second later (a hundredth of the
   * run's age, at most half a minute), or when `flush` or `finish` resolves. A failed write rejects a later call and is
   * tried again.
   *
   * @throws PerceptError `REGISTRY_RUN_FINISHED`, `INVALID_ARGUMENT`, what the storage throws
   */
  async logMetrics(metrics: Readonly<Record<string, number>>, step: number): Promise<void> {
    this.#checkRunning();
    if (!Number.isFinite(step)) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a finite number for the step of logMetrics() but received ${describeValue(step)}`,
      );
    }
    for (const [name, value] of Object.entries(metrics)) {
      parseOptions(nameSchema, name, 'the name of a metric');
      if (typeof value === 'number') continue;
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a number for metric "${name}" but received ${describeValue(value)}`,
      );
    }
    await this.#metrics.add(metrics, step);
  }

  /**
   * Stores a file of the run, durably when it resolves. A second one under the same path replaces the first.
   *
   * @param path - relative POSIX path, checked as a storage key
   * @throws PerceptError `REGISTRY_RUN_FINISHED`, `STORAGE_INVALID_KEY`, what the storage throws
   */
  async logArtifact(path: string, bytes: Uint8Array): Promise<void> {
    this.#checkRunning();
    const key = artifactKey(this.id, path);
    const digest = await writeBlob(this.#storage, bytes);
    await writeJson(this.#storage, key, { path, size: bytes.length, digest });
  }

  /** Resolves when every metric that was logged is durable. */
  async flush(): Promise<void> {
    await this.#metrics.flush();
  }

  /**
   * Ends the run; nothing can be logged afterwards. The same end twice is fine.
   *
   * @throws PerceptError `REGISTRY_RUN_FINISHED` when it ended otherwise before
   */
  async finish(status: 'finished' | 'failed' = 'finished'): Promise<void> {
    parseOptions(z.enum(['finished', 'failed']), status, 'finish() status');
    await this.flush();
    const key = `${this.#folder}status.json`;
    try {
      await writeJson(this.#storage, key, { status, finishedAt: new Date().toISOString() }, { ifAbsent: true });
      this.#status = status;
    } catch (error) {
      if (!isPerceptError(error, 'STORAGE_EXISTS')) throw error;
      this.#status = (await readRecord(this.#storage, key, schemas.status))?.status ?? status;
      if (this.#status !== status) throw this.#ended(this.#status);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#status === 'running') await this.finish('failed');
  }

  #checkRunning(): void {
    if (this.#status !== 'running') throw this.#ended(this.#status);
  }

  #ended(status: RunStatus): PerceptError {
    return runFinished(this.id, status);
  }

  #paramKey(name: string): string {
    const key = `${this.#folder}params/${encodeURIComponent(name)}.json`;
    checkKey(key);
    return key;
  }

  /** Whether the parameter is recorded with this value; rejects when with another one. */
  async #checkParam(name: string, value: string | number | boolean): Promise<boolean> {
    const known = await readRecord(this.#storage, this.#paramKey(name), schemas.param);
    if (known === undefined) return false;
    if (known.value === value) return true;
    throw new PerceptError(
      'REGISTRY_PARAM_CONFLICT',
      `Expected ${describeValue(known.value)} for parameter "${name}" of run ${this.id}, as recorded before, but received ${describeValue(value)}; parameters never change: start another run`,
      { details: { runId: this.id, name, recorded: known.value, received: value } },
    );
  }
}

/** The error for changing a run that has ended. */
export function runFinished(id: string, status: RunStatus): PerceptError {
  return new PerceptError(
    'REGISTRY_RUN_FINISHED',
    `Expected run ${id} to be running but it has ended as ${status}; start another run`,
    { details: { runId: id, status } },
  );
}

/** Key of an artifact's record. A folder per path, so that `a` and `a/b` can both be artifacts. */
export function artifactKey(id: string, path: string): string {
  checkKey(path);
  const key = `${runFolder(id)}artifacts/${path}/.artifact.json`;
  checkKey(key);
  return key;
}
