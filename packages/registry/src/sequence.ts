// Numbered objects 000001, 000002, … in a folder, without gaps. A number is only ever written after the one before it,
// and never deleted, so "does n exist" is true up to the last number and false after it: the end is found by a few
// questions, without listing, also over plain HTTP.
import { isPerceptError } from '@percept/core';
import type { Storage } from '@percept/storage';

/** Key of a numbered object. */
export function numberedKey(folder: string, number: number, extension = 'json'): string {
  return `${folder}${String(number).padStart(6, '0')}.${extension}`;
}

/** The last number in the folder, 0 when there is none. `known` is a number that is known to exist. */
export async function lastNumber(storage: Storage, folder: string, extension = 'json', known = 0): Promise<number> {
  const exists = async (number: number) => (await storage.stat(numberedKey(folder, number, extension))) !== undefined;
  let low = known;
  let step = 1;
  while (await exists(low + step)) {
    low += step;
    step *= 2;
  }
  let high = low + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await exists(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Creates the next object of the folder and returns its number. When another writer takes the number first, the next one
 * is tried; every failed attempt is another writer's success, so this ends.
 */
export async function append(
  storage: Storage,
  folder: string,
  extension: string,
  textOf: (number: number) => string,
  signal?: AbortSignal | undefined,
): Promise<number> {
  for (let last = await lastNumber(storage, folder, extension); ; ) {
    const number = last + 1;
    try {
      const bytes = new TextEncoder().encode(textOf(number));
      await storage.write(numberedKey(folder, number, extension), bytes, { ifAbsent: true, signal });
      return number;
    } catch (error) {
      if (!isPerceptError(error, 'STORAGE_EXISTS')) throw error;
      last = await lastNumber(storage, folder, extension, number);
    }
  }
}
