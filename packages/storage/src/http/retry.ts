// How often and after how long a request is made again.
import * as z from 'zod/mini';

/** How a storage behind a network deals with failures. */
export interface RetryOptions {
  /** Requests made before giving up, 1..20; 5 by default. */
  readonly attempts?: number | undefined;
  /**
   * Longest pause before the second attempt, in milliseconds; 100 by default. It doubles from attempt to attempt, and the
   * pause is drawn at random between nothing and it, so that clients that failed together do not come back together.
   */
  readonly firstDelayMs?: number | undefined;
  /** Longest pause of all, in milliseconds, also when a server asks for more by `Retry-After`; 10,000 by default. */
  readonly longestDelayMs?: number | undefined;
  /**
   * Longest time without an answer or without its next bytes, in milliseconds; 60,000 by default. The time to send a body
   * at 100 kB/s is added.
   */
  readonly timeoutMs?: number | undefined;
}

/** {@link RetryOptions} with nothing left open. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  readonly timeoutMs: number;
}

const duration = z.number().check(z.minimum(0), z.maximum(3_600_000));

/** Schema of {@link RetryOptions} that fills in the defaults. */
export const retrySchema = z._default(
  z.strictObject({
    attempts: z._default(z.int().check(z.minimum(1), z.maximum(20)), 5),
    firstDelayMs: z._default(duration, 100),
    longestDelayMs: z._default(duration, 10_000),
    timeoutMs: z._default(z.number().check(z.minimum(1), z.maximum(3_600_000)), 60_000),
  }),
  { attempts: 5, firstDelayMs: 100, longestDelayMs: 10_000, timeoutMs: 60_000 },
);

/**
 * The pause after failure number `failures` (1 for the first), in milliseconds: what the `Retry-After` header (RFC 9110:
 * seconds or a date) asks for, or full jitter under a doubling ceiling (Brooker, "Exponential Backoff And Jitter", 2015).
 *
 * @param random - in 0..1
 */
export function delayMs(
  policy: RetryPolicy,
  failures: number,
  retryAfter?: string | null,
  random: number = Math.random(),
): number {
  const asked = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : Date.parse(retryAfter ?? '') - Date.now();
  const delay = Number.isFinite(asked) ? asked : random * policy.firstDelayMs * 2 ** (failures - 1);
  return Math.min(Math.max(delay, 0), policy.longestDelayMs);
}
