import { expect, it } from 'vitest';
import { CoalescedWrites } from './coalesced-writes.js';

it('shares the next write among all changes that came during the one before', async () => {
  let state = 0;
  const written: number[] = [];
  const writes = new CoalescedWrites(async () => {
    const seen = state;
    await new Promise((done) => setTimeout(done, 5));
    written.push(seen);
  });
  const asked = Array.from({ length: 20 }, async (_, i) => {
    state = i + 1;
    if (i === 3) await new Promise((done) => setTimeout(done, 2));
    await writes.request();
    return written.at(-1)! >= i + 1;
  });
  expect((await Promise.all(asked)).every(Boolean)).toBe(true);
  expect(written.length).toBeLessThanOrEqual(3);
  expect(written.at(-1)).toBe(20);
});

it('tells who asked of a failure, and goes on', async () => {
  let full = true;
  const writes = new CoalescedWrites(async () => {
    if (full) throw new Error('disk full');
  });
  await expect(writes.request()).rejects.toThrow('disk full');
  full = false;
  await writes.request();
});
