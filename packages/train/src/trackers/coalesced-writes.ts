/**
 * Writes a whole state again and again, one write at a time. Changes that come while a write is under way share the next
 * one, so a slow storage is written to as often as it can take and never falls behind.
 */
export class CoalescedWrites {
  readonly #write: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param write - writes the state as it is when it is called */
  constructor(write: () => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the state as it is now has been written; rejects with what the write threw. */
  request(): Promise<void> {
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#write();
    return this.#running;
  }
}
