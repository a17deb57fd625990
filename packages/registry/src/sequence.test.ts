import { memoryStorage } from '@percept/storage/backends/memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, lastNumber, numberedKey } from './sequence.js';

describe('numbered objects', () => {
  it('have an end that is found with few questions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3000), fc.nat(3000), async (length, known) => {
        let questions = 0;
        const storage = {
          ...memoryStorage(),
          async stat(key: string) {
            questions++;
            const number = Number(/(\d+)\.json$/.exec(key)![1]);
            return number <= length ? { key, size: 0 } : undefined;
          },
        };
        expect(await lastNumber(storage, 'a/', 'json', Math.min(known, length))).toBe(length);
        expect(questions).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(length + 2)) + 1);
      }),
    );
  });

  it('are six digits wide and then grow', () => {
    expect(numberedKey('a/', 1)).toBe('a/000001.json');
    expect(numberedKey('a/', 1_234_567, 'jsonl')).toBe('a/1234567.jsonl');
  });

  it('are taken one each by concurrent writers', async () => {
    const storage = memoryStorage();
    const numbers = await Promise.all(Array.from({ length: 30 }, () => append(storage, 'a/', 'json', String)));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(new TextDecoder().decode(await storage.read('a/000030.json'))).toBe('30');
  });
});
