import { describeValue, PerceptError } from '@percept/core';

/** Most bytes of UTF-8 in a key, as in S3. */
const maxKeyBytes = 1024;
/** Most bytes of UTF-8 between two slashes, as in the file systems of Linux and macOS. */
const maxSegmentBytes = 255;
/** Where the file system backend keeps what is not finished; reserved in every backend so that keys stay portable. */
export const temporaryFolder = '.percept-tmp';

const encoder = new TextEncoder();

/**
 * Checks that a key means the same object in every backend: a relative POSIX path of at most 1024 bytes of UTF-8 whose
 * segments are 1..255 bytes, not `.`, `..` or `.percept-tmp`, and free of backslashes and NUL. Any other Unicode is
 * fine, taken as it is without normalisation.
 *
 * @throws PerceptError `STORAGE_INVALID_KEY`, saying which rule was broken
 */
export function checkKey(key: string): void {
  const fault = keyFault(key);
  if (fault === undefined) return;
  throw new PerceptError('STORAGE_INVALID_KEY', `Expected a key ${fault} but received ${describeValue(key)}`, {
    details: { key },
  });
}

/**
 * Checks that `prefix` could be the beginning of a key.
 *
 * @throws PerceptError `STORAGE_INVALID_KEY` as {@link checkKey}
 */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkKey(typeof prefix === 'string' ? `${prefix}x` : prefix);
}

/** Whether `key` passes {@link checkKey}; foreign objects may have other names. */
export function isKey(key: string): boolean {
  return keyFault(key) === undefined;
}

/** Whether `name` can stand between the slashes of a key. */
export function isKeySegment(name: string): boolean {
  return !name.includes('/') && keyFault(name) === undefined;
}

function keyFault(key: unknown): string | undefined {
  if (typeof key !== 'string') return 'that is a string';
  if (key === '') return 'of at least one character';
  if (key.startsWith('/')) return 'relative to the storage, without leading slash,';
  if (key.includes('\\')) return 'with forward slashes only';
  if (key.includes('\0')) return 'without NUL';
  if (/\p{Surrogate}/u.test(key)) return 'of well-formed Unicode';
  for (const segment of key.split('/')) {
    if (segment === '') return 'without empty segments or trailing slash';
    if (segment === '.' || segment === '..') return 'without the segments "." and ".."';
    if (segment === temporaryFolder) return `without the reserved segment "${temporaryFolder}"`;
    if (byteLength(segment) > maxSegmentBytes) return `with at most ${maxSegmentBytes} bytes between slashes`;
  }
  return byteLength(key) > maxKeyBytes ? `of at most ${maxKeyBytes} bytes` : undefined;
}

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
