import { concatBytes } from './bytes.js';

/** One step of a key's path: a name or a number. `1` and `'1'` are different steps. */
export type RandomPathPart = string | number;

/** A 64-bit key as two unsigned 32-bit words. */
export type RandomKey = readonly [number, number];

const encoder = new TextEncoder();

/**
 * Derives the 64-bit key of a path, such as `(seed, epoch, sampleKey, 'flip')`.
 *
 * Encoding (random version 1): every part is written as a tag byte (`0x01` string, `0x02` number), its length in bytes
 * as a 32-bit little-endian integer, then its bytes (UTF-8; IEEE 754 binary64 little-endian, -0 as 0). The two words are
 * MurmurHash3 x86_32 of the whole with seeds 0x243f6a88 and 0x85a308d3.
 */
export function randomKey(...path: readonly RandomPathPart[]): RandomKey {
  return hashPath(encodePath(path));
}

/** The bytes of a path, as {@link randomKey} hashes them; those of a longer path begin with those of its beginning. */
export function encodePath(path: readonly RandomPathPart[], beginning: Uint8Array = new Uint8Array(0)): Uint8Array {
  const parts = path.map(encodePart);
  return concatBytes([beginning, ...parts]);
}

/** The two words of an encoded path. */
export function hashPath(bytes: Uint8Array): RandomKey {
  return [murmur3(bytes, 0x243f6a88), murmur3(bytes, 0x85a308d3)];
}

function encodePart(part: RandomPathPart): Uint8Array {
  if (typeof part === 'string') {
    const text = encoder.encode(part);
    const bytes = new Uint8Array(5 + text.length);
    new DataView(bytes.buffer).setUint32(1, text.length, true);
    bytes[0] = 1;
    bytes.set(text, 5);
    return bytes;
  }
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  bytes[0] = 2;
  view.setUint32(1, 8, true);
  view.setFloat64(5, part + 0, true);
  return bytes;
}

/** MurmurHash3 x86_32 (Austin Appleby, public domain description). Returns an unsigned 32-bit integer. */
export function murmur3(bytes: Uint8Array, seed: number): number {
  const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
  const scramble = (word: number): number => Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let hash = seed;
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(rotate(hash ^ scramble(view.getUint32(at, true)), 13), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at]!;
  if (whole < bytes.length) hash ^= scramble(tail);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
