import { expect, it } from 'vitest';
import { leasePixels } from './scratch.node.js';

it('gives memory again once it has been given back, and to one at a time', () => {
  const first = leasePixels();
  const second = leasePixels();
  const a = first.take(1000);
  const b = second.take(500);
  expect(b.buffer).not.toBe(a.buffer);
  first.giveBack();
  second.giveBack();
  const third = leasePixels();
  expect(third.take(400)).toBe(b);
  expect(third.take(900)).toBe(a);
  expect(third.take(1001).length).toBe(1001);
  third.giveBack();
});

it('keeps no more than 64 MiB', () => {
  const lease = leasePixels();
  const large = [1, 2, 3].map(() => lease.take(40 * 1024 * 1024));
  lease.giveBack();
  const again = leasePixels();
  const reused = [1, 2, 3].map(() => again.take(40 * 1024 * 1024)).filter((buffer) => large.includes(buffer));
  expect(reused).toHaveLength(1);
  again.giveBack();
});
