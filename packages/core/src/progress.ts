import { PerceptError } from './errors.js';

/** One report of a long call. */
export interface Progress {
  /** What is being done, as a person would say it: `pack shards`, `train`. */
  readonly stage: string;
  /** Units finished so far, never decreasing within a stage. */
  readonly done: number;
  /** Units in all; absent while that is unknown. */
  readonly total?: number;
  /** What a unit is: `images`, `steps`, `bytes`. */
  readonly unit: string;
  /** Latest figures worth showing beside the bar, such as `{ loss: 0.31 }`. */
  readonly values?: Readonly<Record<string, number>>;
}

/** Receives {@link Progress}; called often, so it must return quickly and not throw. */
export type OnProgress = (progress: Progress) => void;

/** What every long call takes. */
export interface LongCallOptions {
  /** Stops the call, which then rejects with `ABORTED`; nothing half-written stays readable. */
  signal?: AbortSignal | undefined;
  /** Told how far the call has come. */
  onProgress?: OnProgress | undefined;
}

/**
 * Ends a long call that the caller has aborted.
 *
 * @throws PerceptError `ABORTED` with the signal's reason as `cause`
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new PerceptError('ABORTED', 'The call was aborted by its signal', { cause: signal.reason });
  }
}
