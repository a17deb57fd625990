import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';

/** The prediction of a sample for which no class won: see {@link ClassificationMetrics}. */
export const undecided = -1;

/** A {@link ConfusionMatrix} as JSON: only the cells that are not 0. */
export interface ConfusionMatrixJson {
  readonly version: 1;
  readonly classes: number;
  /** `[actual, predicted, count]`, ascending; `predicted` is -1 for undecided samples. */
  readonly cells: readonly (readonly [actual: number, predicted: number, count: number])[];
}

/** Counts of a {@link ConfusionMatrix} by class index, `[classes]` each. */
export interface ClassTotals {
  /** Samples of the class that were predicted as it. */
  readonly truePositives: readonly number[];
  /** Samples predicted as the class, right or wrong. */
  readonly predicted: readonly number[];
  /** Samples of the class, undecided ones too. */
  readonly support: readonly number[];
  /** Samples of the class for which no class won. */
  readonly undecided: readonly number[];
}

const maxClasses = 10_000;
const classesSchema = z.int().check(z.minimum(1), z.maximum(maxClasses));
const count = z.int().check(z.minimum(0));
const jsonSchema = z.object({
  version: z.literal(1),
  classes: classesSchema,
  cells: z.array(z.tuple([count, z.int().check(z.minimum(undecided)), count])),
});

/**
 * How often each class was predicted for samples of each class. Counts are integers, so adding samples in any order and
 * merging in any grouping give exactly the same matrix. Memory is `8 * classes * (classes + 1)` bytes.
 */
export class ConfusionMatrix {
  /** Number of classes. */
  readonly classes: number;
  // One column more than classes: the last holds the undecided samples.
  readonly #counts: Float64Array;

  /** @throws PerceptError `INVALID_ARGUMENT` when `classes` is not an integer in [1, 10000] */
  constructor(classes: number) {
    this.classes = parseOptions(classesSchema, classes, 'classes');
    this.#counts = new Float64Array(classes * (classes + 1));
  }

  /**
   * Adds samples. Nothing is added when it throws.
   *
   * @param predicted - class indices, `[N]`; -1 means that no class won ({@link undecided}), which is never right
   * @param actual - class indices, `[N]`
   * @throws PerceptError `INVALID_ARGUMENT` when the lengths differ or an index is no class
   */
  update(predicted: ArrayLike<number | bigint>, actual: ArrayLike<number | bigint>): void {
    if (predicted.length !== actual.length) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected as many predicted as actual classes but received ${predicted.length} and ${actual.length}`,
      );
    }
    const { classes } = this;
    for (let i = 0; i < actual.length; i++) {
      // The messages are only made for what is wrong.
      if (!isClass(predicted[i]!, undecided, classes)) {
        checkClass(predicted[i]!, undecided, classes, `predicted class ${i}`);
      }
      if (!isClass(actual[i]!, 0, classes)) checkClass(actual[i]!, 0, classes, `actual class ${i}`);
    }
    for (let i = 0; i < actual.length; i++) {
      this.#counts[this.#index(Number(actual[i]), Number(predicted[i]))]! += 1;
    }
  }

  /**
   * Adds samples that are counted already.
   *
   * @param counts - `[classes][classes + 1]` row-major: rows are actual classes, columns predicted ones, the last
   *   column undecided samples
   * @throws PerceptError `INVALID_ARGUMENT` when the length does not fit
   */
  addCounts(counts: ArrayLike<number>): void {
    if (counts.length !== this.#counts.length) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected ${this.#counts.length} counts (${this.classes} × ${this.classes + 1}) but received ${counts.length}`,
      );
    }
    for (let i = 0; i < counts.length; i++) this.#counts[i]! += counts[i]!;
  }

  /**
   * Adds everything that another matrix counted.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when it has another number of classes
   */
  merge(other: ConfusionMatrix): void {
    if (other.classes !== this.classes) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a confusion matrix of ${this.classes} classes to merge but received one of ${other.classes}`,
      );
    }
    this.addCounts(other.#counts);
  }

  /**
   * Samples of class `actual` that were predicted as class `predicted` (-1: undecided).
   *
   * @throws PerceptError `INVALID_ARGUMENT` when an index is no class
   */
  at(actual: number, predicted: number): number {
    checkClass(actual, 0, this.classes, 'actual class');
    checkClass(predicted, undecided, this.classes, 'predicted class');
    return this.#counts[this.#index(actual, predicted)]!;
  }

  /** Samples counted. */
  get total(): number {
    return this.#counts.reduce((sum, value) => sum + value, 0);
  }

  /** What scores of one class against the rest are made of, each by class index. */
  totals(): ClassTotals {
    const { classes } = this;
    const totals = [0, 0, 0, 0].map(() => new Array<number>(classes).fill(0));
    const [truePositives, predicted, support, undecidedOf] = totals as [number[], number[], number[], number[]];
    for (let actual = 0, at = 0; actual < classes; actual++) {
      for (let column = 0; column <= classes; column++, at++) {
        const count = this.#counts[at]!;
        support[actual]! += count;
        if (column === classes) undecidedOf[actual] = count;
        else predicted[column]! += count;
        if (column === actual) truePositives[actual] = count;
      }
    }
    return { truePositives, predicted, support, undecided: undecidedOf };
  }

  /** The counts as rows of actual and columns of predicted classes, `[classes][classes]`, without undecided samples. */
  rows(): number[][] {
    const width = this.classes + 1;
    return Array.from({ length: this.classes }, (_, actual) =>
      Array.from(this.#counts.subarray(actual * width, actual * width + this.classes)),
    );
  }

  /** Everything needed to continue counting elsewhere. */
  toJSON(): ConfusionMatrixJson {
    const cells: [number, number, number][] = [];
    for (let actual = 0; actual < this.classes; actual++) {
      for (let predicted = undecided; predicted < this.classes; predicted++) {
        const value = this.at(actual, predicted);
        if (value > 0) cells.push([actual, predicted, value]);
      }
    }
    return { version: 1, classes: this.classes, cells };
  }

  /**
   * The matrix that {@link ConfusionMatrix.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): ConfusionMatrix {
    const { classes, cells } = parseOptions(jsonSchema, json, 'JSON of a confusion matrix');
    const matrix = new ConfusionMatrix(classes);
    for (const [actual, predicted, value] of cells) {
      checkClass(actual, 0, classes, 'actual class of a cell');
      checkClass(predicted, undecided, classes, 'predicted class of a cell');
      matrix.#counts[matrix.#index(actual, predicted)]! += value;
    }
    return matrix;
  }

  #index(actual: number, predicted: number): number {
    return actual * (this.classes + 1) + (predicted === undecided ? this.classes : predicted);
  }
}

function isClass(value: number | bigint, low: number, classes: number): boolean {
  return Number.isInteger(Number(value)) && value >= low && value < classes;
}

/** Throws `INVALID_ARGUMENT` unless `value` is an integer in [low, classes). */
export function checkClass(value: number | bigint, low: number, classes: number, name: string): void {
  if (isClass(value, low, classes)) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected an integer in [${low}, ${classes}) for ${name} but received ${value}. Check that labels and model agree on the classes`,
  );
}
