import { PerceptError } from '@percept/core';
import { countAtMost } from './linspace.js';
import { countsAtScores, type ThresholdCounts } from './ranking-curve.js';

/** What a curve needs of the scores of one class: every score, or counts between fixed thresholds. */
export interface ScoreStore {
  add(score: number, positive: boolean): void;
  merge(stored: StoredScores): void;
  counts(): ThresholdCounts;
  toJSON(): StoredScores;
}

/** A {@link ScoreStore} as JSON. */
export interface StoredScores {
  /** Exact: every score. Binned: samples between thresholds, from below the first to above the last. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** Keeps every score: exact curves, 8 bytes per sample and class. */
export class ExactScores implements ScoreStore {
  readonly #positive: number[] = [];
  readonly #negative: number[] = [];

  add(score: number, positive: boolean): void {
    (positive ? this.#positive : this.#negative).push(score);
  }

  merge({ positive, negative }: StoredScores): void {
    for (const score of positive) this.#positive.push(score);
    for (const score of negative) this.#negative.push(score);
  }

  counts(): ThresholdCounts {
    const scores = Float64Array.from([...this.#positive, ...this.#negative]);
    return countsAtScores(scores, new Uint8Array(scores.length).fill(1, 0, this.#positive.length));
  }

  toJSON(): StoredScores {
    return { positive: [...this.#positive], negative: [...this.#negative] };
  }
}

/** Counts samples between fixed thresholds: memory does not grow with the data. */
export class BinnedScores implements ScoreStore {
  readonly #thresholds: Float32Array;
  // Index t counts the samples whose score is at least t thresholds high.
  readonly #positive: Float64Array;
  readonly #negative: Float64Array;

  constructor(thresholds: Float32Array) {
    this.#thresholds = thresholds;
    this.#positive = new Float64Array(thresholds.length + 1);
    this.#negative = new Float64Array(thresholds.length + 1);
  }

  add(score: number, positive: boolean): void {
    const bin = countAtMost(this.#thresholds, Math.fround(score));
    (positive ? this.#positive : this.#negative)[bin]! += 1;
  }

  merge({ positive, negative }: StoredScores): void {
    const bins = this.#positive.length;
    if (positive.length !== bins || negative.length !== bins) {
      throw new PerceptError('INVALID_ARGUMENT', `Expected ${bins} bins to merge but received ${positive.length}`);
    }
    for (let bin = 0; bin < bins; bin++) {
      this.#positive[bin]! += positive[bin]!;
      this.#negative[bin]! += negative[bin]!;
    }
  }

  counts(): ThresholdCounts {
    const thresholds: number[] = [];
    const truePositives: number[] = [];
    const falsePositives: number[] = [];
    let hits = 0;
    let misses = 0;
    for (let bin = this.#thresholds.length; bin > 0; bin--) {
      hits += this.#positive[bin]!;
      misses += this.#negative[bin]!;
      thresholds.push(this.#thresholds[bin - 1]!);
      truePositives.push(hits);
      falsePositives.push(misses);
    }
    const positives = hits + this.#positive[0]!;
    return { thresholds, truePositives, falsePositives, positives, negatives: misses + this.#negative[0]! };
  }

  toJSON(): StoredScores {
    return { positive: [...this.#positive], negative: [...this.#negative] };
  }
}
