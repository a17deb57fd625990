import type { LongCallOptions } from '@percept/core';
import { keyedPermutation, type Sample, type SampleSource, throwIfAborted } from '@percept/core';

/** Data to learn from and data to judge by. */
export interface DataParts {
  readonly train: SampleSource;
  readonly validation: SampleSource;
}

/** Share of each class that models are judged by. */
const validationShare = 0.2;
/** Most images that models are judged by: 92 % of 2,500 is known to within half a point. */
const mostValidation = 2500;
const readsAtOnce = 16;

/**
 * Splits data class by class: a fifth of each, fewer where that is more than 2,500 in all, but one of every class that has
 * two. Which ones is a function of seed, class and its number of samples.
 */
export async function splitData(source: SampleSource, seed: number, call: LongCallOptions): Promise<DataParts> {
  const labels = await readLabels(source, call);
  const members = new Map<number, number[]>();
  for (const [index, label] of labels.entries()) {
    const known = members.get(label);
    if (known === undefined) members.set(label, [index]);
    else known.push(index);
  }
  const share = Math.min(validationShare, mostValidation / source.length);
  const judged = new Uint8Array(source.length);
  for (const [label, indices] of members) {
    const count = Math.min(indices.length - 1, Math.max(1, Math.round(indices.length * share)));
    const order = keyedPermutation(indices.length, seed, 'auto split', label);
    for (let rank = 0; rank < count; rank++) judged[indices[order.at(rank)]!] = 1;
  }
  const indices = [...labels.keys()];
  return {
    train: partOf(
      source,
      indices.filter((index) => judged[index] === 0),
    ),
    validation: partOf(
      source,
      indices.filter((index) => judged[index] === 1),
    ),
  };
}

/** The samples of `source` at `indices`. */
export function partOf(source: SampleSource, indices: readonly number[]): SampleSource {
  return {
    length: indices.length,
    classes: source.classes,
    read: (index): Promise<Sample> => source.read(indices[index] ?? -1),
  };
}

/** The label of every sample. Sources of `@percept/data` know them; others are read once. */
async function readLabels(source: SampleSource, { signal, onProgress }: LongCallOptions): Promise<readonly number[]> {
  const { labels: known } = source as { labels?: readonly number[] };
  if (Array.isArray(known) && known.length === source.length) return known as readonly number[];
  const labels: number[] = new Array(source.length);
  for (let first = 0; first < source.length; first += readsAtOnce) {
    throwIfAborted(signal);
    const indices = Array.from({ length: Math.min(readsAtOnce, source.length - first) }, (_, at) => first + at);
    const samples = await Promise.all(indices.map((index) => source.read(index)));
    for (const [at, { label }] of samples.entries()) labels[first + at] = label;
    onProgress?.({ stage: 'read labels', done: first + indices.length, total: source.length, unit: 'images' });
  }
  return labels;
}
