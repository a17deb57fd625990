import { bootstrapInterval, type Interval } from '@percept/metrics';
import type { CheckedEvaluateOptions } from './evaluate-options.js';

/** Where a figure of samples drawn again from `samples` lies; nothing unless it was asked for. */
export function bootstrapOf(
  { bootstrap, confidence }: CheckedEvaluateOptions,
  samples: number,
  statistic: (indices: Int32Array) => number,
): Interval | undefined {
  if (bootstrap === undefined || samples === 0) return undefined;
  return bootstrapInterval({ samples, statistic, confidence, ...bootstrap });
}

/** The mean of the drawn values. */
export function meanOf(values: readonly number[]): (indices: Int32Array) => number {
  return (indices) => {
    let sum = 0;
    for (const index of indices) sum += values[index]!;
    return sum / indices.length;
  };
}

/** Macro F1 of the drawn pairs of classes, with the definition of `ClassificationReport.f1.macro`. */
export function macroF1Of(
  predicted: readonly number[],
  actual: readonly number[],
  classes: number,
): (indices: Int32Array) => number {
  const right = new Float64Array(classes);
  const both = new Float64Array(classes);
  return (indices) => {
    right.fill(0);
    both.fill(0);
    for (const index of indices) {
      const [guess, truth] = [predicted[index]!, actual[index]!];
      both[truth]! += 1;
      if (guess >= 0) both[guess]! += 1;
      if (guess === truth) right[truth]! += 1;
    }
    let sum = 0;
    let present = 0;
    for (let c = 0; c < classes; c++) {
      if (both[c] === 0) continue;
      sum += (2 * right[c]!) / both[c]!;
      present++;
    }
    return sum / present;
  };
}
