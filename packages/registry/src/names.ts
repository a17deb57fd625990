import { describeValue, PerceptError } from '@percept/core';

/**
 * Checks the name of a model, alias, experiment or dataset: 1..128 letters, digits, `.`, `_` and `-`, the first one a
 * letter or digit, so that it can stand in addresses and file names everywhere.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function checkName(name: string, what: string): void {
  if (typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected 1 to 128 letters, digits, ".", "_" or "-", beginning with a letter or digit, for ${what} but received ${describeValue(name)}`,
    { details: { received: name } },
  );
}

/** The error for something that is not registered; `known` says what is. */
export function notRegistered(what: string, known: string, details: Record<string, unknown>): PerceptError {
  return new PerceptError('REGISTRY_NOT_FOUND', `Expected ${what} but there is none; ${known}`, { details });
}

/** `known models: a, b` or `there are no models yet`; long lists are cut. */
export function describeKnown(what: string, names: readonly string[]): string {
  if (names.length === 0) return `there are no ${what} yet`;
  const shown = names.slice(0, 20).join(', ');
  return `known ${what}: ${shown}${names.length > 20 ? `, … (${names.length} in all)` : ''}`;
}
