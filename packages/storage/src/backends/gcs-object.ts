// Object resources of Google's JSON API.
import type { Checksum } from '../checksum.js';
import { base64ToHex, toBase64 } from '../hash/encoding.js';
import { modifiedOf, wholeNumber } from '../http/body.js';
import type { ObjectInfo } from '../storage.js';
import { field, textField } from './json-answer.js';

/** Metadata that tells a writer its own object from another's, when the answer to its request is lost. */
export const writeId = 'percept-write';
/** Metadata with the SHA-256 that the writer verified; Google itself has none. */
export const metaSha256 = 'percept-sha256';

/** What is needed of resources, to be asked for in `fields`. */
export const fields = 'name,size,generation,updated,crc32c,metadata';

/** What a resource tells of an object; `undefined` when it is no resource. */
export function infoOf(key: string, resource: unknown): ObjectInfo | undefined {
  const size = wholeNumber(String(field(resource, 'size') ?? ''));
  if (size === undefined) return undefined;
  const version = generationOf(resource);
  const sha256 = textField(field(resource, 'metadata'), metaSha256);
  return {
    key,
    size,
    ...modifiedOf(textField(resource, 'updated')),
    ...(version === undefined ? {} : { version }),
    ...(sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? { sha256 } : {}),
  };
}

/** The generation that a resource or header tells. */
export function generationOf(resource: unknown): string | undefined {
  const generation = String(field(resource, 'generation') ?? '');
  return isGeneration(generation) ? generation : undefined;
}

/** Whether a version can be a generation. */
export function isGeneration(version: string | null): version is string {
  return version !== null && /^\d{1,19}$/.test(version);
}

/** CRC-32C as Google writes it: base64 of the four bytes, highest first. */
export function toGcsCrc(crc: number): string {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, crc);
  return toBase64(new Uint8Array(bytes.buffer));
}

/** Checksums in the `x-goog-hash` header of an object that is sent as it is stored. */
export function checksumsOf(headers: Headers): readonly Checksum[] {
  if ((headers.get('x-goog-stored-content-encoding') ?? 'identity') !== 'identity') return [];
  const crc = /(?:^|[\s,])crc32c=([A-Za-z0-9+/=]+)/.exec(headers.get('x-goog-hash') ?? '');
  const hex = base64ToHex(crc?.[1] ?? '', 4);
  return hex === undefined ? [] : [{ algorithm: 'crc32c', hex }];
}
