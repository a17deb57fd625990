import { PerceptError } from '@percept/core';
import { RegressionMetrics, SlicedMetrics } from '@percept/metrics';
import { bootstrapOf, meanOf } from './bootstrap.js';
import type { RegressionEvaluation, RegressionMistake } from './evaluation.js';
import type { ScoredBatch } from './scored-batches.js';
import { sliceReports } from './slices.js';
import { checkBatch, checkFinite, type TaskContext, type TaskTally } from './task-tally.js';
import { WorstSamples } from './worst-samples.js';

/** Scores a model that predicts numbers. */
export function regressionTally({ options, classes, slicesOf }: TaskContext): TaskTally<RegressionEvaluation> {
  // Data without names tells only with its first batch how many numbers there are.
  let outputs = classes.length;
  let counted: SlicedMetrics<RegressionMetrics> | undefined;
  const metricsOf = () => (counted ??= new SlicedMetrics(() => new RegressionMetrics({ outputs })));
  const worst = new WorstSamples<RegressionMistake>(options.mistakes);
  const kept = { predicted: [] as number[], actual: [] as number[], loss: [] as number[] };
  let lossSum = 0;

  function addSample({ keys, start, scores, labels }: ScoredBatch, row: number): void {
    const part = [row * outputs, (row + 1) * outputs] as const;
    const predicted = Array.from(scores.data.subarray(...part));
    const actual = Array.from(labels.data.subarray(...part), Number);
    const loss = predicted.reduce((sum, value, i) => sum + (value - actual[i]!) ** 2, 0) / outputs;
    lossSum += loss;
    if (options.bootstrap !== undefined) {
      kept.predicted.push(...predicted);
      kept.actual.push(...actual);
      kept.loss.push(loss);
    }
    if (loss > 0) worst.add(loss, () => ({ key: keys[row]!, index: start + row, actual, predicted, loss }));
  }

  return {
    add(batch) {
      const { scores, labels, keys, start } = batch;
      const rows = scores.dims[0]!;
      if (outputs === 0) outputs = scores.data.length / rows;
      const single = outputs === 1 && labels.dims.length === 1;
      checkBatch(batch, 'regression', {
        type: 'float32',
        labels: single ? [rows] : [rows, outputs],
        scores: scores.dims.length === 1 ? [rows] : [rows, outputs],
      });
      checkFinite(batch, 'regression', outputs);
      checkTargets(batch, outputs);
      metricsOf().update(
        scores.data,
        labels.data,
        keys.map((key, row) => slicesOf(key, start + row, undefined)),
      );
      for (let row = 0; row < rows; row++) addSample(batch, row);
    },
    report() {
      const metrics = metricsOf();
      const all = metrics.all.compute();
      const { samples } = all;
      const interval = (statistic: (indices: Int32Array) => number) => bootstrapOf(options, samples, statistic);
      const of = (figure: (sums: OutputSums) => number) =>
        interval((indices) => {
          let sum = 0;
          for (let output = 0; output < outputs; output++) sum += figure(sumsOf(kept, indices, outputs, output));
          return sum / outputs;
        });
      const meanAbsoluteError = of(({ absolute, count }) => absolute / count);
      const rootMeanSquaredError = of(({ squared, count }) => Math.sqrt(squared / count));
      const rSquared = of(({ squared, deviation }) => (deviation === 0 ? Number.NaN : 1 - squared / deviation));
      const loss = interval(meanOf(kept.loss));
      return {
        ...all,
        task: 'regression',
        classes: classes.length > 0 ? classes : Array.from({ length: outputs }, (_, i) => `output ${i}`),
        loss: lossSum / samples,
        confidence: options.confidence,
        intervals: {
          ...(meanAbsoluteError && { meanAbsoluteError }),
          ...(rootMeanSquaredError && { rootMeanSquaredError }),
          ...(rSquared && { rSquared }),
          ...(loss && { loss }),
        },
        slices: sliceReports(options.slices, metrics.slices()),
        mistakes: worst.values(),
      };
    },
  };
}

interface OutputSums {
  readonly count: number;
  readonly absolute: number;
  readonly squared: number;
  /** Squares of what the targets differ from their mean. */
  readonly deviation: number;
}

/** What the drawn samples give for one output. */
function sumsOf(
  { predicted, actual }: { readonly predicted: readonly number[]; readonly actual: readonly number[] },
  indices: Int32Array,
  outputs: number,
  output: number,
): OutputSums {
  let mean = 0;
  for (const index of indices) mean += actual[index * outputs + output]! / indices.length;
  let [absolute, squared, deviation] = [0, 0, 0];
  for (const index of indices) {
    const target = actual[index * outputs + output]!;
    const error = predicted[index * outputs + output]! - target;
    absolute += Math.abs(error);
    squared += error * error;
    deviation += (target - mean) ** 2;
  }
  return { count: indices.length, absolute, squared, deviation };
}

function checkTargets({ labels, keys }: ScoredBatch, outputs: number): void {
  const at = Array.from(labels.data, Number).findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const key = keys[Math.floor(at / outputs)]!;
  throw new PerceptError(
    'TRAIN_DATA_INVALID',
    `Expected finite labels for task regression of evaluate() but received ${labels.data[at]} for the image ${key}. Mend the sample, or leave it out`,
    { details: { key } },
  );
}
