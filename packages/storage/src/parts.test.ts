import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inParallel, PartPool, partsOf } from './parts.js';

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('partsOf', () => {
  it('cuts any stream into equal parts, whatever becomes of its buffers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 10 }),
        async (lengths, size) => {
          let next = 0;
          const buffer = new Uint8Array(25);
          async function* reused() {
            for (const length of lengths) {
              for (let at = 0; at < length; at++) buffer[at] = next++ & 0xff;
              yield buffer.subarray(0, length);
            }
          }
          const pool = new PartPool(size);
          const held: Uint8Array[] = [];
          const found: number[][] = [];
          for await (const part of partsOf(reused(), size, pool, false)) {
            found.push([...part]);
            held.push(part);
            if (held.length > 2) pool.giveBack(held.shift()!);
          }
          const all = Array.from({ length: next }, (_, at) => at & 0xff);
          expect(found.flat()).toEqual(all);
          expect(found.slice(0, -1).every((part) => part.length === size)).toBe(true);
          expect(found.every((part) => part.length > 0)).toBe(true);
        },
      ),
    );
  });

  it('does not copy what it may keep', async () => {
    const bytes = Uint8Array.from({ length: 10 }, (_, at) => at);
    const pool = new PartPool(4);
    for await (const part of partsOf(iterate([bytes]), 4, pool, true)) {
      if (part.length === 4) expect(part.buffer).toBe(bytes.buffer);
      pool.giveBack(part);
    }
    expect(pool.take().buffer).not.toBe(bytes.buffer);
  });
});

describe('inParallel', () => {
  it('does everything, so much at a time', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await inParallel(iterate([1, 2, 3, 4, 5, 6, 7]), 3, undefined, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10 - item));
      running--;
      done.push(item);
    });
    expect([most, done.sort()]).toEqual([3, [1, 2, 3, 4, 5, 6, 7]]);
  });

  it('holds no item whose work is done', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const items: WeakRef<object>[] = [];
    async function* fresh() {
      for (let count = 0; count < 20; count++) {
        const item = {};
        items.push(new WeakRef(item));
        yield item;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      collect();
    }
    await inParallel(fresh(), 2, undefined, async () => {});
    expect(items.filter((item) => item.deref() !== undefined).length).toBeLessThan(5);
  });

  it('throws the first failure when the others have ended, and does not wait for a silent source', async () => {
    const failure = new Error('one');
    let stopped = 0;
    async function* silent() {
      yield 1;
      yield 2;
      await new Promise(() => {});
    }
    const work = inParallel(silent(), 4, undefined, async (item, signal) => {
      if (item === 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        throw failure;
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopped++;
    });
    await expect(work).rejects.toBe(failure);
    expect(stopped).toBe(1);
  });
});
