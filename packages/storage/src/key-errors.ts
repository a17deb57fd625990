import { PerceptError } from '@percept/core';

/** The error for an object that is not there. */
export function notFound(key: string, description: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'STORAGE_NOT_FOUND',
    `Expected an object "${key}" in ${description} but there is none; list() shows what is there`,
    { details: { key, storage: description }, cause },
  );
}

/** The error for an object that should be created and is there already. */
export function alreadyExists(key: string, description: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'STORAGE_EXISTS',
    `Expected no object "${key}" in ${description} but there is one; choose another key, or write without ifAbsent to replace it`,
    { details: { key, storage: description }, cause },
  );
}

/** The error for a key that would have to be object and folder at once. */
export function keyConflict(key: string, description: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'STORAGE_KEY_CONFLICT',
    `Expected a key that is free for "${key}" in ${description}, but a part of it is an object already or other keys continue it; choose another key`,
    { details: { key, storage: description }, cause },
  );
}

/** The error for an object that is no longer the version that was asked for. */
export function changed(key: string, description: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'STORAGE_CHANGED',
    `Expected the version of "${key}" in ${description} that ifMatch names but it has been replaced or deleted since; read it again and decide anew`,
    { details: { key, storage: description }, cause },
  );
}
