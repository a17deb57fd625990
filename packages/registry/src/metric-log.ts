// Metrics are many and small, files are neither: values are collected and written as a file every second at first, every
// half minute in long runs. What is waiting is written when the run finishes, and when the process ends by itself.

/** Lines that are written at once at the latest, so that memory stays bounded. */
const mostLines = 1000;
const shortestWaitMs = 1000;
const longestWaitMs = 30_000;

/** Collects the lines of a run's metric files. */
export class MetricLog {
  readonly #write: (text: string) => Promise<unknown>;
  readonly #startedAt = Date.now();
  #waiting: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(write: (text: string) => Promise<unknown>) {
    this.#write = write;
  }

  /** Takes values; rejects with what an earlier write in the background met, which is then tried again. */
  async add(values: Readonly<Record<string, number>>, step: number): Promise<void> {
    const encoded = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeNumber(value)]));
    this.#waiting.push(JSON.stringify({ step, time: Date.now(), values: encoded }));
    if (this.#waiting.length >= mostLines) return this.flush();
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#writeWaiting().catch((error) => {
          this.#failure = { error };
        });
      },
      waitMs(Date.now() - this.#startedAt),
    );
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  /** Resolves when everything that was taken is durable. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failure = undefined;
    while (this.#writing !== undefined) await this.#writing.catch(() => {});
    await this.#writeWaiting();
  }

  #writeWaiting(): Promise<void> {
    if (this.#writing !== undefined || this.#waiting.length === 0) return this.#writing ?? Promise.resolve();
    const lines = this.#waiting;
    this.#waiting = [];
    this.#writing = this.#write(`${lines.join('\n')}\n`)
      .catch((error) => {
        this.#waiting = [...lines, ...this.#waiting];
        throw error;
      })
      .then(() => {})
      .finally(() => {
        this.#writing = undefined;
      });
    return this.#writing;
  }
}

/** A hundredth of the run's age, within limits: at most a few hundred files a run, at most 1 % of its work in danger. */
function waitMs(ageMs: number): number {
  return Math.min(Math.max(ageMs / 100, shortestWaitMs), longestWaitMs);
}

/** JSON has no NaN and no infinities. */
function encodeNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
