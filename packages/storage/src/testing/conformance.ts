// What `storage.ts` promises, as a vitest suite that every backend runs. What a storage says by its `capabilities` that it
// cannot do is checked to reject as documented, and the tests that need it are skipped with that as the reason.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Storage } from '../storage.js';
import { conditionsCases } from './cases/conditions.js';
import { keysCases } from './cases/keys.js';
import { listingCases } from './cases/listing.js';
import { networkCases } from './cases/network.js';
import { readingCases } from './cases/reading.js';
import { writingCases } from './cases/writing.js';
import type { ConnectionCutter, StorageConformanceOptions } from './ground.js';

const cases = [...readingCases, ...keysCases, ...writingCases, ...conditionsCases, ...listingCases, ...networkCases];
/** Objects that are put in place at the same time. */
const seedBatch = 32;

/** Runs the suite that every storage backend must pass. Call it at the top level of a vitest file. */
export function storageConformance(name: string, options: StorageConformanceOptions): void {
  const reasons = new Map(options.skip?.flatMap(({ reason, tests }) => tests.map((title) => [title, reason] as const)));

  describe(`storage conformance: ${name}`, () => {
    let storage: Storage;
    let cutter: ConnectionCutter | undefined;
    let cleanup: () => Promise<void>;

    beforeEach(async () => {
      ({ storage, cutter, cleanup } = await options.create());
    });
    afterEach(() => cleanup());

    const seed = async (objects: Readonly<Record<string, Uint8Array>>) => {
      if (options.seed !== undefined) return options.seed(storage, objects);
      const entries = Object.entries(objects);
      for (let at = 0; at < entries.length; at += seedBatch) {
        await Promise.all(entries.slice(at, at + seedBatch).map(([key, bytes]) => storage.write(key, bytes)));
      }
    };

    for (const { title, run } of cases) {
      const reason = reasons.get(title);
      it(title, async (context) => {
        if (reason !== undefined) context.skip(reason);
        await run({
          storage,
          listed: options.listed ?? 2500,
          seed,
          need: (capability) => {
            if (!storage.capabilities[capability]) context.skip(`${storage.description} has no ${capability}`);
          },
          needCutter: () => cutter ?? context.skip('there is no connection to cut'),
        });
      });
    }

    it('skips only tests that exist', () => {
      expect([...reasons.keys()].filter((title) => !cases.some((test) => test.title === title))).toEqual([]);
    });
  });
}
