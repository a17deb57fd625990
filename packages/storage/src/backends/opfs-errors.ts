import { isPerceptError, PerceptError } from '@percept/core';

/** Nothing there. */
export function isMissing(error: unknown): boolean {
  return nameOf(error) === 'NotFoundError';
}

/** A folder where a file was meant, or a file where a folder was. */
export function isOfOtherKind(error: unknown): boolean {
  return nameOf(error) === 'TypeMismatchError';
}

/** Explains what the browser refused. Errors that are explained already, or that did not come from it, pass. */
export function explainOpfsError(cause: unknown, action: string, key: string, description: string): unknown {
  const name = nameOf(cause);
  if (isPerceptError(cause) || name === undefined) return cause;
  const options = { details: { key, storage: description, name }, cause };
  switch (name) {
    case 'QuotaExceededError':
      return new PerceptError(
        'STORAGE_FULL',
        `Could not ${action} "${key}" in ${description}: the browser's quota for this origin is used up; delete objects, or ask for more with navigator.storage.persist(). Nothing half-written was kept`,
        options,
      );
    case 'NotAllowedError':
    case 'SecurityError':
      return new PerceptError(
        'STORAGE_PERMISSION',
        `Could not ${action} "${key}" in ${description}: the browser does not allow it here (${name}); use https:, and no private window`,
        options,
      );
    case 'TypeError':
    case 'InvalidCharacterError':
      return new PerceptError(
        'STORAGE_INVALID_KEY',
        `Could not ${action} "${key}" in ${description}: the browser does not take the name; use a shorter key or plain characters`,
        options,
      );
    default:
      return new PerceptError(
        'STORAGE_FAILED',
        `Could not ${action} "${key}" in ${description}: ${(cause as Error).message} (${name}); try again`,
        options,
      );
  }
}

/** The name of what a browser throws; `undefined` for anything else. */
function nameOf(error: unknown): string | undefined {
  return error instanceof DOMException || error instanceof TypeError ? error.name : undefined;
}
