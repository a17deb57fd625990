import { type LongCallOptions, type SampleSource, throwIfAborted } from '@percept/core';
import { readAhead } from './read-ahead.js';
import { createSource, type IndexedSource } from './source.js';

/**
 * Reads every sample of a foreign source once to learn keys and labels, which splitting and packing need. Images are not
 * kept.
 *
 * @throws PerceptError `ABORTED`; whatever `source.read` rejects with
 */
export async function indexSource(source: SampleSource, options: LongCallOptions = {}): Promise<IndexedSource> {
  const keys: string[] = [];
  const labels: number[] = [];
  const samples = readAhead(source.length, 16, (index) => source.read(index));
  for await (const sample of samples) {
    throwIfAborted(options.signal);
    keys.push(sample.key);
    labels.push(sample.label);
    options.onProgress?.({ stage: 'index source', done: keys.length, total: source.length, unit: 'images' });
  }
  return createSource(source.classes, keys, labels, (index) => source.read(index));
}
