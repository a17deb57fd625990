import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKey, checkPrefix, isKeySegment } from './key.js';

const refusal = expect.objectContaining({ name: 'PerceptError', code: 'STORAGE_INVALID_KEY' });

describe('checkKey', () => {
  it.each(['a', 'a/b.c', '.hidden', '...', '..a', 'a b', '日本/図', '😀', 'C:', 'a%2e', 'x'.repeat(255)])(
    'takes %j',
    (key) => {
      expect(() => checkKey(key)).not.toThrow();
    },
  );

  it.each([
    ['', /at least one character/],
    ['/a', /without leading slash/],
    ['a/', /empty segments/],
    ['a//b', /empty segments/],
    ['..', /"\." and "\.\."/],
    ['a/./b', /"\." and "\.\."/],
    ['a\\..\\b', /forward slashes/],
    ['a\0', /NUL/],
    ['\ud800', /Unicode/],
    ['.percept-tmp', /reserved/],
    ['日'.repeat(86), /255 bytes/],
    [Array(300).fill('abcd').join('/'), /1024 bytes/],
    [undefined as unknown as string, /string/],
  ])('refuses %j', (key, message) => {
    expect(() => checkKey(key)).toThrow(refusal);
    expect(() => checkKey(key)).toThrow(message);
  });

  it('either refuses a key or keeps it inside, whatever it is made of', () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '\\', '.', '..', '\0', '%2e', '.percept-tmp', '\udc00'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const key = pieces.join('');
        try {
          checkKey(key);
        } catch (error) {
          expect(error).toEqual(refusal);
          return;
        }
        const url = new URL(key.split('/').map(encodeURIComponent).join('/'), 'http://host/root/');
        expect(url.pathname.split('/').slice(2).map(decodeURIComponent).join('/')).toBe(key);
        expect(new TextDecoder().decode(new TextEncoder().encode(key))).toBe(key);
        // Cutting a surrogate pair in two gives no prefix that can be sent.
        const prefixes = Array.from(key, (_, index) => key.slice(0, index)).filter(
          (cut) => !/\p{Surrogate}/u.test(cut),
        );
        expect(() => prefixes.forEach(checkPrefix)).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });
});

describe('isKeySegment', () => {
  it('knows what stands between slashes', () => {
    expect(['a', '.a', 'é'].every(isKeySegment)).toBe(true);
    expect(['', '.', '..', 'a/b', 'a\\b', '.percept-tmp'].some(isKeySegment)).toBe(false);
  });
});
