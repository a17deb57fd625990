// Checking bytes against a checksum while they pass.

import { PerceptError } from '@percept/core';
import { createSha256 } from '#sha256';
import { crc32c } from './hash/crc32c.js';
import { sha256Of, toHex } from './hash/encoding.js';

/** What the bytes of a whole object must add up to, in lower-case hexadecimal digits. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'crc32c';
  readonly hex: string;
}

/** A digest in progress. */
export interface Digest {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** Starts a digest. */
export function createDigest(algorithm: Checksum['algorithm']): Digest {
  if (algorithm === 'sha256') return createSha256();
  let crc = 0;
  return {
    update(bytes) {
      crc = crc32c(bytes, crc);
    },
    hex: () => crc.toString(16).padStart(8, '0'),
  };
}

/** The error for bytes that are not those that were meant. */
export function checksumMismatch(what: string, expected: Checksum, received: string): PerceptError {
  return new PerceptError(
    'STORAGE_CHECKSUM_MISMATCH',
    `Expected ${expected.algorithm.toUpperCase()} ${expected.hex} for ${what} but received bytes with ${received}; fetch or write it again, and if that does not help, replace the object or the checksum`,
    { details: { algorithm: expected.algorithm, expected: expected.hex, received } },
  );
}

/**
 * Passes chunks on, and throws at their end when they do not add up.
 *
 * @throws PerceptError `STORAGE_CHECKSUM_MISMATCH`
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  expected: readonly Checksum[],
  what: string,
): AsyncGenerator<Uint8Array> {
  const digests = expected.map(({ algorithm }) => createDigest(algorithm));
  for await (const chunk of chunks) {
    for (const digest of digests) digest.update(chunk);
    yield chunk;
  }
  for (const [index, digest] of digests.entries()) {
    const received = digest.hex();
    if (received !== expected[index]!.hex) throw checksumMismatch(what, expected[index]!, received);
  }
}

/**
 * Checks bytes that are in memory as a whole.
 *
 * @throws PerceptError `STORAGE_CHECKSUM_MISMATCH`
 */
export async function verifyBytes(bytes: Uint8Array, expected: readonly Checksum[], what: string): Promise<void> {
  for (const checksum of expected) {
    let received: string;
    if (checksum.algorithm === 'sha256') received = toHex(await sha256Of(bytes));
    else {
      const digest = createDigest(checksum.algorithm);
      digest.update(bytes);
      received = digest.hex();
    }
    if (received !== checksum.hex) throw checksumMismatch(what, checksum, received);
  }
}

/** The `sha256` option as a list of checksums to check. */
export function sha256Checksums(hex: string | undefined): readonly Checksum[] {
  return hex === undefined ? [] : [{ algorithm: 'sha256', hex: hex.toLowerCase() }];
}
