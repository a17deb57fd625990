import { type Batch, type BatchSource, type LongCallOptions, PerceptError, type Tensor, tensor } from '@percept/core';
import type { LatencyFigures } from './comparison-json.js';
import { type Contestant, type NamedModel, type SessionSettings, withContestants } from './contestant.js';
import { firstImages } from './first-images.js';
import { interleavedLatencies, quantile } from './latency.js';
import { medianInterval } from './median-interval.js';

/** What to time. */
export interface LatencyOptions {
  /** Numbers of threads; `undefined` is the runtime's choice. */
  readonly threads: readonly (number | undefined)[];
  /** Images in a run. */
  readonly batch: readonly number[];
  readonly runs: number;
  readonly warmUp: number;
  readonly confidence: number;
  /** Whether a run computes all outputs of a model or only its first. */
  readonly outputs: 'first' | 'all';
}

/** What was timed. */
export interface TimedModels {
  /** By model, then by setting. */
  readonly latencies: readonly (readonly LatencyFigures[])[];
  /** Settings that some models were left out of. */
  readonly notes: readonly string[];
}

/**
 * Times the models against each other in every setting. The sessions of one number of threads are closed before those of
 * the next are opened.
 *
 * @param images - as many as the largest batch
 * @param first - called with the open models before anything is timed
 * @throws PerceptError `INVALID_ARGUMENT` when a model cannot take the first size of batch
 */
export async function timeModels(
  models: readonly NamedModel[],
  images: Tensor<'float32'>,
  { runtime, signal, onProgress }: Omit<SessionSettings, 'threads'> & LongCallOptions,
  { threads: threadCounts, batch: batches, runs, warmUp, confidence, outputs }: LatencyOptions,
  first: (contestants: readonly Contestant[]) => Promise<void>,
): Promise<TimedModels> {
  const latencies: LatencyFigures[][] = models.map(() => []);
  const notes = new Set<string>();
  const total = threadCounts.length * batches.length * runs;
  let before = 0;
  for (const [at, threads] of threadCounts.entries()) {
    await withContestants(models, { runtime, threads, signal }, async (contestants) => {
      checkFirstBatch(contestants, batches[0]!);
      if (at === 0) await first(contestants);
      for (const batch of batches) {
        for (const contestant of contestants) {
          if (contestant.takes(batch)) continue;
          notes.add(
            `${contestant.name} takes batches of ${contestant.fixedBatch} only and was not timed with ${batch}`,
          );
        }
        const able = [...contestants.keys()].filter((index) => contestants[index]!.takes(batch));
        const inputs = images.dims[0] === batch ? images : firstImages(images, batch);
        const calls = able.map((index) => () => contestants[index]!.run(inputs, { signal, outputs }));
        const times = await interleavedLatencies(calls, {
          runs,
          warmUp,
          signal,
          onProgress: (progress) => onProgress?.({ ...progress, done: before + progress.done, total }),
        });
        before += runs;
        for (const [turn, index] of able.entries()) {
          latencies[index]!.push(figuresOf(times[turn]!, { threads, batch, confidence }));
        }
      }
    });
  }
  return { latencies, notes: [...notes] };
}

/** Images for timing: `count` of those that the data begins with, over again where there are fewer. */
export async function imagesForTiming(
  data: BatchSource,
  count: number,
  signal: AbortSignal | undefined,
): Promise<Tensor<'float32'>> {
  const parts: Batch['inputs'][] = [];
  let found = 0;
  for await (const { inputs } of data.batches({ epoch: 0, signal })) {
    // Copied: the next batch may reuse the memory.
    if (inputs.dims[0]! > 0) parts.push(tensor('float32', inputs.dims, inputs.data.slice()));
    found += inputs.dims[0]!;
    if (found >= count) break;
  }
  if (found === 0) {
    throw new PerceptError('OPTIMIZE_NO_DATA', 'Expected at least one image to compare models on but received none');
  }
  const image = parts[0]!.dims.slice(1);
  const images = tensor('float32', [count, ...image]);
  for (let filled = 0; filled < images.data.length; ) {
    for (const { data: pixels } of parts) {
      const some = pixels.subarray(0, images.data.length - filled);
      images.data.set(some, filled);
      filled += some.length;
    }
  }
  return images;
}

function checkFirstBatch(contestants: readonly Contestant[], batch: number): void {
  const unable = contestants.find((contestant) => !contestant.takes(batch));
  if (unable === undefined) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected ${unable.fixedBatch} first, the only size of batch that model ${unable.name} takes, for latency.batch of compareModels() options but received ${batch}`,
  );
}

function figuresOf(
  milliseconds: readonly number[],
  { threads, batch, confidence }: { threads: number | undefined; batch: number; confidence: number },
): LatencyFigures {
  const ascending = milliseconds.toSorted((a, b) => a - b);
  const p50Interval = medianInterval(ascending, confidence);
  const sum = milliseconds.reduce((total, time) => total + time, 0);
  return {
    ...(threads === undefined ? {} : { threads }),
    batch,
    p50: quantile(ascending, 0.5),
    p95: quantile(ascending, 0.95),
    ...(p50Interval && { p50Interval }),
    // A clock too coarse for a run of nothing must not give infinity, which JSON cannot hold.
    imagesPerSecond: (1000 * batch * milliseconds.length) / Math.max(sum, 1e-6),
    milliseconds,
  };
}
