import { describeValue, PerceptError } from '@percept/core';

/** What an address of a model names: a version, an alias, or (with neither) the latest version. */
export interface ModelAddress {
  readonly name: string;
  readonly version?: number;
  readonly alias?: string;
}

const pattern = /^models:\/([A-Za-z0-9][A-Za-z0-9._-]{0,127})(?:\/([0-9]{1,9})|@([A-Za-z0-9][A-Za-z0-9._-]{0,127}))?$/;

/**
 * Reads `models:/name`, `models:/name/3` or `models:/name@alias`.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function parseModelUri(uri: string): ModelAddress {
  const match = typeof uri === 'string' ? pattern.exec(uri) : null;
  if (match === null) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected models:/name@alias, models:/name/3 or models:/name for the address of a model but received ${describeValue(uri)}`,
      { details: { received: uri } },
    );
  }
  const [, name, version, alias] = match;
  if (version !== undefined) return { name: name!, version: Number(version) };
  return alias === undefined ? { name: name! } : { name: name!, alias };
}
