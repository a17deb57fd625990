import { keyedRandom } from '@percept/core';
import { mutate } from './mutate.js';
import type { FuzzTarget } from './target.js';

/** The cases of a target: case `index` is a pure function of the seed, the target's name and its inputs. */
export interface Cases {
  readonly target: FuzzTarget;
  /** The bytes of a case, in memory of their own. */
  input(index: number): Uint8Array;
}

/** Loads a target and its valid inputs. */
export async function loadCases(name: string, seed: number): Promise<Cases> {
  const { target } = (await import(`./targets/${name}.ts`)) as { target: FuzzTarget };
  const seeds = await target.seeds();
  return {
    target,
    input(index) {
      const random = keyedRandom(seed, name, index);
      const bytes = seeds[random.integer(0, seeds.length)]!;
      return mutate(bytes, random, seeds).slice();
    },
  };
}
