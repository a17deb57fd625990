import { keyedPermutation, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { type IndexedSource, subset } from './source.js';

const optionsSchema = z.strictObject({
  test: z.number().check(z.gt(0), z.lt(1)),
  seed: z.int(),
});

/** Options of {@link splitSource}. */
export interface SplitOptions {
  /** Share of each class that goes into `test`, above 0 and below 1. */
  readonly test: number;
  /** Which samples are chosen is a function of this integer, the class and its number of samples. */
  readonly seed: number;
}

/**
 * Splits a source in two, class by class (stratified): every sample is in exactly one part, in the source's order.
 * A class of two or more samples has at least one in each part; a single sample goes to `train`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function splitSource(
  source: IndexedSource,
  options: SplitOptions,
): { readonly train: IndexedSource; readonly test: IndexedSource } {
  const { test: share, seed } = parseOptions(optionsSchema, options, 'splitSource() options');
  const members = new Map<number, number[]>();
  source.labels.forEach((label, index) => {
    const found = members.get(label);
    if (found === undefined) members.set(label, [index]);
    else found.push(index);
  });
  const inTest = new Uint8Array(source.length);
  for (const [label, indices] of members) {
    const count = Math.min(indices.length - 1, Math.max(1, Math.round(indices.length * share)));
    const order = keyedPermutation(indices.length, seed, 'split', label);
    for (let rank = 0; rank < count; rank++) inTest[indices[order.at(rank)]!] = 1;
  }
  const all = [...source.keys.keys()];
  return {
    train: subset(
      source,
      all.filter((index) => inTest[index] === 0),
    ),
    test: subset(
      source,
      all.filter((index) => inTest[index] === 1),
    ),
  };
}
