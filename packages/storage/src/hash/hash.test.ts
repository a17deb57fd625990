import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.js';
import { base64ToHex, fromHex, sha256Of, toBase64, toHex } from './encoding.js';
import { md5 } from './md5.js';
import { createSha256 } from './sha256.js';
import { createSha256 as createNative } from './sha256.node.js';

const chunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 });
const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe('SHA-256', () => {
  it('is that of node:crypto, however the bytes are cut', () => {
    fc.assert(
      fc.property(chunks, (parts) => {
        const expected = createHash('sha256').update(joined(parts)).digest('hex');
        for (const hash of [createSha256(), createNative()]) {
          for (const part of parts) hash.update(part);
          expect(hash.hex()).toBe(expected);
        }
      }),
    );
  });

  it('is that of FIPS 180-4 for "abc", and WebCrypto agrees', async () => {
    const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const bytes = new TextEncoder().encode('abc');
    const hash = createSha256();
    hash.update(bytes);
    expect(hash.hex()).toBe(expected);
    expect(toHex(await sha256Of(bytes))).toBe(expected);
  });

  it('is right around the ends of blocks', () => {
    for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1000]) {
      const bytes = new Uint8Array(length).fill(7);
      const hash = createSha256();
      hash.update(bytes);
      expect(hash.hex(), String(length)).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
  });
});

describe('MD5', () => {
  it('is that of node:crypto', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(toHex(md5(bytes))).toBe(createHash('md5').update(bytes).digest('hex'));
      }),
    );
  });
});

describe('CRC-32C', () => {
  it('has the check value of RFC 3720, and of nothing is 0', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array())).toBe(0);
  });

  it('goes on over chunks', () => {
    fc.assert(
      fc.property(chunks, (parts) => {
        expect(parts.reduce((crc, part) => crc32c(part, crc), 0)).toBe(crc32c(joined(parts)));
      }),
    );
  });
});

describe('encodings', () => {
  it('come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(base64ToHex(toBase64(bytes), bytes.length)).toBe(toHex(bytes));
      }),
    );
    for (const text of ['*', 'abc', 'AAA=', '====']) expect(base64ToHex(text, 4)).toBeUndefined();
  });
});
