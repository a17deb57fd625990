import { PerceptError, type Sample, type SampleSource } from '@percept/core';

/**
 * A source that knows keys and labels without reading images. Every source that this package makes is one;
 * {@link indexSource} makes one of any other.
 */
export interface IndexedSource extends SampleSource {
  /** Key of every sample, in order. */
  readonly keys: readonly string[];
  /** Class index of every sample, in order. */
  readonly labels: readonly number[];
}

/** A source over keys and labels and a way to read the rest. */
export function createSource(
  classes: readonly string[],
  keys: readonly string[],
  labels: readonly number[],
  readImage: (index: number) => Promise<Pick<Sample, 'image' | 'extension'>>,
): IndexedSource {
  return {
    length: keys.length,
    classes,
    keys,
    labels,
    async read(index) {
      checkIndex(index, keys.length);
      const { image, extension } = await readImage(index);
      return { key: keys[index]!, image, extension, label: labels[index]! };
    },
  };
}

/** A source of samples that are already in memory, in the order given. */
export function memorySource(classes: readonly string[], samples: readonly Sample[]): IndexedSource {
  return createSource(
    classes,
    samples.map((sample) => sample.key),
    samples.map((sample) => sample.label),
    async (index) => samples[index]!,
  );
}

/**
 * The samples of `source` at `indices`, in that order; an index may come more than once, as its key then does.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when an index is outside the source
 */
export function subset(source: IndexedSource, indices: readonly number[]): IndexedSource {
  for (const index of indices) checkIndex(index, source.length);
  const chosen = [...indices];
  return createSource(
    source.classes,
    chosen.map((index) => source.keys[index]!),
    chosen.map((index) => source.labels[index]!),
    (index) => source.read(chosen[index]!),
  );
}

/**
 * The samples of several sources, one source after another.
 *
 * @throws PerceptError `DATA_CLASSES_DIFFER` when they do not have the same classes in the same order;
 *   `INVALID_ARGUMENT` without any source
 */
export function concatSources(...sources: readonly IndexedSource[]): IndexedSource {
  const first = sources[0];
  if (first === undefined) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected at least one source to concatenate but received none');
  }
  const starts: number[] = [];
  let length = 0;
  for (const source of sources) {
    checkSameClasses(first.classes, source.classes);
    starts.push(length);
    length += source.length;
  }
  return createSource(
    first.classes,
    sources.flatMap((source) => source.keys),
    sources.flatMap((source) => source.labels),
    (index) => {
      const at = lastAtMost(starts, index);
      return sources[at]!.read(index - starts[at]!);
    },
  );
}

/** Position of the last of ascending `starts` that is at most `index`: the part that holds it. */
export function lastAtMost(starts: readonly number[], index: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= index) low = middle;
    else high = middle;
  }
  return low;
}

/** Throws `DATA_CLASSES_DIFFER` unless both lists are equal. */
export function checkSameClasses(expected: readonly string[], received: readonly string[]): void {
  if (expected.length === received.length && expected.every((name, at) => name === received[at])) return;
  throw new PerceptError(
    'DATA_CLASSES_DIFFER',
    `Expected the classes ${list(expected)} but received ${list(received)}; labels would mean different things`,
    { details: { expected, received } },
  );
}

/** Throws `INVALID_ARGUMENT` unless `index` is an integer in `[0, length)`. */
function checkIndex(index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new PerceptError('INVALID_ARGUMENT', `Expected a sample index in [0, ${length}) but received ${index}`);
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `[${shown}, … ${names.length} in all]` : `[${shown}]`;
}
