import { PerceptError } from '@percept/core';
import { countAtMost } from './linspace.js';
import { countsAtScores, type ThresholdCounts } from './ranking-curve.js';
import { ScoreList } from './score-list.js';

/** What a curve needs of the scores of one class: every score, or counts between fixed thresholds. */
export interface ScoreStore {
  add(score: number, positive: boolean): void;
  /** Adds what another store of the same kind has. */
  merge(other: ScoreStore): void;
  /** Adds what {@link ScoreStore.toJSON} wrote. */
  addJson(stored: StoredScores): void;
  counts(): ThresholdCounts;
  toJSON(): StoredScores;
}

/** A {@link ScoreStore} as JSON. */
export interface StoredScores {
  /** Exact: every score, ascending. Binned: samples between thresholds, from below the first to above the last. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** Keeps every score: exact curves, 4 bytes per sample and class when scores are float32 numbers, else 8. */
export class ExactScores implements ScoreStore {
  readonly #positive = new ScoreList();
  readonly #negative = new ScoreList();

  add(score: number, positive: boolean): void {
    (positive ? this.#positive : this.#negative).push(score);
  }

  merge(other: ExactScores): void {
    this.#positive.append(other.#positive);
    this.#negative.append(other.#negative);
  }

  addJson({ positive, negative }: StoredScores): void {
    for (const score of positive) this.#positive.push(score);
    for (const score of negative) this.#negative.push(score);
  }

  counts(): ThresholdCounts {
    return countsAtScores(this.#positive.sorted(), this.#negative.sorted());
  }

  toJSON(): StoredScores {
    return { positive: [...this.#positive.sorted()], negative: [...this.#negative.sorted()] };
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

  merge(other: BinnedScores): void {
    this.#addBins(other.#positive, other.#negative);
  }

  addJson({ positive, negative }: StoredScores): void {
    this.#addBins(positive, negative);
  }

  counts(): ThresholdCounts {
    const bins = this.#thresholds.length;
    const counts = {
      thresholds: Float64Array.from(this.#thresholds).reverse(),
      truePositives: new Float64Array(bins),
      falsePositives: new Float64Array(bins),
    };
    let hits = 0;
    let misses = 0;
    for (let bin = bins; bin > 0; bin--) {
      hits += this.#positive[bin]!;
      misses += this.#negative[bin]!;
      counts.truePositives[bins - bin] = hits;
      counts.falsePositives[bins - bin] = misses;
    }
    return { ...counts, positives: hits + this.#positive[0]!, negatives: misses + this.#negative[0]! };
  }

  toJSON(): StoredScores {
    return { positive: [...this.#positive], negative: [...this.#negative] };
  }

  #addBins(positive: ArrayLike<number>, negative: ArrayLike<number>): void {
    const bins = this.#positive.length;
    if (positive.length !== bins || negative.length !== bins) {
      throw new PerceptError('INVALID_ARGUMENT', `Expected ${bins} bins to merge but received ${positive.length}`);
    }
    for (let bin = 0; bin < bins; bin++) {
      this.#positive[bin]! += positive[bin]!;
      this.#negative[bin]! += negative[bin]!;
    }
  }
}
