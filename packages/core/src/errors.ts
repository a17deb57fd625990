const marker = Symbol.for('percept.error');

/** Options of {@link PerceptError}. */
export interface PerceptErrorOptions {
  /** Machine-readable facts: the offending value, its limits, a path, an install command. */
  details?: Readonly<Record<string, unknown>>;
  /** What was caught, when this error explains another one. */
  cause?: unknown;
}

/**
 * The one error class of Percept.
 *
 * `code` is `<PACKAGE>_<WHAT>` in capitals, stable across versions and listed in `docs/errors.md`. `message` says what
 * was expected, what came, and what to do next where that is known.
 */
export class PerceptError extends Error {
  override readonly name = 'PerceptError';
  /** Stable code, for example `IMAGE_DECODE_FAILED`. */
  readonly code: string;
  /** Machine-readable facts about the failure. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: PerceptErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    Object.defineProperty(this, marker, { value: true });
  }
}

/**
 * Whether `error` is a {@link PerceptError}, also one thrown by another installed copy or version of this package.
 * With `code`, whether it is that very error.
 */
export function isPerceptError(error: unknown, code?: string): error is PerceptError {
  if (typeof error !== 'object' || error === null || !(marker in error)) return false;
  return code === undefined || (error as unknown as PerceptError).code === code;
}

/** Renders a value for an error message: `-5 (number)`, `"abc" (string)`, `null`. Long values are cut. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string')
    return `${JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)} (string)`;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return `${value} (${typeof value})`;
  }
  if (typeof value === 'function') return `a function`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return `a ${value.constructor?.name ?? 'object'}`;
}
