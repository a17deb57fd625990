import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concatBytes, sha256Digest, toHex } from './bytes.js';

it('joins parts in their order, into memory of their own', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      const whole = concatBytes(parts);
      expect([...whole]).toEqual(parts.flatMap((part) => [...part]));
      expect(whole.buffer.byteLength).toBe(whole.length);
    }),
  );
});

it('writes bytes as hexadecimal digits', () => {
  expect(toHex(Uint8Array.of(0, 9, 10, 255))).toBe('00090aff');
});

it('names content as the SHA-256 of Node does', async () => {
  for (const text of ['', 'abc', 'ü'.repeat(1000)]) {
    const bytes = new TextEncoder().encode(text);
    expect(await sha256Digest(bytes)).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  }
});
