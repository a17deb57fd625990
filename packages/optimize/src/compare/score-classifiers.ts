import { type BatchSource, type LongCallOptions, PerceptError, throwIfAborted } from '@percept/core';
import { ClassificationMetrics, type Interval, wilsonInterval } from '@percept/metrics';
import type { Score } from './comparison-json.js';
import { type Contestant, decidedClasses } from './contestant.js';
import { type PairedTest, pairedTest } from './paired-test.js';

/** What the classes that a model gave are worth. */
export interface ClassifierScore {
  readonly score: Score;
  readonly accuracy: number;
  readonly accuracyInterval: Interval;
  readonly agreement: number;
  readonly agreementInterval: Interval;
  readonly paired?: PairedTest;
}

/**
 * Has all models classify all images, each batch by one after another, so that no answers need to be kept.
 *
 * @throws PerceptError `OPTIMIZE_NO_DATA`, `OPTIMIZE_SCORES_NAN`, `ABORTED`; `INVALID_ARGUMENT` for labels that are no class
 */
export async function scoreClassifiers(
  contestants: readonly Contestant[],
  data: BatchSource,
  { confidence, signal, onProgress }: LongCallOptions & { readonly confidence: number },
): Promise<{ readonly images: number; readonly scores: readonly ClassifierScore[] }> {
  const classes = data.classes.length;
  const tallies = contestants.map(() => new Tally(classes));
  let images = 0;
  let done = 0;
  for await (const { inputs, labels } of data.batches({ epoch: 0, signal })) {
    const count = inputs.dims[0]!;
    if (count === 0) continue;
    let first: Int32Array | undefined;
    for (const [index, contestant] of contestants.entries()) {
      throwIfAborted(signal);
      const scores = await contestant.scores(inputs, classes, signal);
      const decided = decidedClasses(scores, classes);
      first ??= decided;
      tallies[index]!.add(scores, decided, first, labels.data);
    }
    images += count;
    done++;
    onProgress?.({ stage: 'measure accuracy', done, total: data.batchesPerEpoch, unit: 'batches' });
  }
  // The data had images when latency was measured, but may have none by now.
  if (images === 0) {
    throw new PerceptError(
      'OPTIMIZE_NO_DATA',
      'Expected at least one labelled image to compare models on but received none',
    );
  }
  return { images, scores: tallies.map((tally, index) => tally.score(images, confidence, index === 0)) };
}

/** What is known of one model so far. */
class Tally {
  readonly #metrics: ClassificationMetrics;
  #right = 0;
  /** Images on which it gave the same class as the first model. */
  #agreed = 0;
  #gained = 0;
  #lost = 0;

  constructor(classes: number) {
    this.#metrics = new ClassificationMetrics({ classes });
  }

  add(scores: Float32Array, decided: Int32Array, first: Int32Array, labels: ArrayLike<number | bigint>): void {
    this.#metrics.update(scores, labels);
    for (const [image, chosen] of decided.entries()) {
      const label = Number(labels[image]);
      const right = chosen === label;
      const firstRight = first[image] === label;
      if (right) this.#right++;
      if (right && !firstRight) this.#gained++;
      if (!right && firstRight) this.#lost++;
      if (chosen >= 0 && chosen === first[image]) this.#agreed++;
    }
  }

  score(images: number, confidence: number, isFirst: boolean): ClassifierScore {
    const { accuracy } = this.#metrics.compute();
    const accuracyInterval = wilsonInterval(this.#right, images, confidence);
    return {
      score: { metric: 'accuracy', value: accuracy, interval: accuracyInterval, better: 'higher' },
      accuracy,
      accuracyInterval,
      agreement: this.#agreed / images,
      agreementInterval: wilsonInterval(this.#agreed, images, confidence),
      ...(isFirst ? {} : { paired: pairedTest(this.#gained, this.#lost) }),
    };
  }
}
