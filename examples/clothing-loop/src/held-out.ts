import { keyedPermutation, type Sample } from '@percept/core';
import { type IndexedSource, subset } from '@percept/data';
import { seed } from './task.js';

/** The held-out pictures, divided by what each may be used for, so that no figure is measured on what was corrected. */
export interface HeldOut {
  /** All of them: top-1 before anything is corrected. */
  readonly all: IndexedSource;
  /** Driven through the API and corrected; at most 500. */
  readonly driven: IndexedSource;
  /** Never driven: the retrained model is measured here. */
  readonly untouched: IndexedSource;
  /** As many of the untouched as were driven: what the retrained model does with new bad pictures is seen on them. */
  readonly fresh: IndexedSource;
  /** The first of the untouched: they make the reference profile. */
  readonly profile: IndexedSource;
  /** Untouched pictures shown as ready examples on the page, one of each class while there are any. */
  readonly examples: readonly Sample[];
}

const drivenPhotos = 500;
const profilePictures = 3000;
const examplePictures = 10;

/** Divides the held-out pictures by a keyed permutation; of fewer than 1,000 pictures half are driven. */
export async function divide(all: IndexedSource): Promise<HeldOut> {
  const permutation = keyedPermutation(all.length, seed, 'held-out');
  const order = Array.from({ length: all.length }, (_, position) => permutation.at(position));
  const driven = Math.min(drivenPhotos, Math.floor(all.length / 2));
  const untouched = subset(all, order.slice(driven));
  return {
    all,
    driven: subset(all, order.slice(0, driven)),
    untouched,
    fresh: subset(all, order.slice(all.length - driven)),
    profile: subset(all, order.slice(driven, driven + profilePictures)),
    examples: await oneOfEachClass(untouched),
  };
}

async function oneOfEachClass(source: IndexedSource): Promise<Sample[]> {
  const found = new Map<number, Sample>();
  const wanted = Math.min(examplePictures, source.classes.length);
  for (let index = 0; index < source.length && found.size < wanted; index++) {
    const sample = await source.read(index);
    if (!found.has(sample.label)) found.set(sample.label, sample);
  }
  return [...found.values()].sort((a, b) => a.label - b.label);
}

/** Reads every sample of a source that is small enough to hold. */
export async function readAll(source: IndexedSource): Promise<Sample[]> {
  return Promise.all(Array.from({ length: source.length }, (_, index) => source.read(index)));
}
