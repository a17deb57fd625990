import {
  CalibrationMetrics,
  ClassificationMetrics,
  RankingMetrics,
  SlicedMetrics,
  wilsonInterval,
  winningClass,
} from '@percept/metrics';
import { bootstrapOf, macroF1Of, meanOf } from './bootstrap.js';
import type { ClassificationEvaluation, ClassificationMistake } from './evaluation.js';
import { clipped, crossEntropyOf, finiteRow, softmaxRows } from './probabilities.js';
import type { ScoredBatch } from './scored-batches.js';
import { sliceReports } from './slices.js';
import { checkBatch, type TaskContext, type TaskTally } from './task-tally.js';
import { WorstSamples } from './worst-samples.js';

/** Scores a classifier of one class per image. */
export function classificationTally(context: TaskContext): TaskTally<ClassificationEvaluation> {
  const { options, classes, logits, slicesOf } = context;
  const width = classes.length;
  const metrics = new SlicedMetrics(
    () => new ClassificationMetrics({ classes: width, ...(options.topK && { topK: options.topK }) }),
  );
  const calibration = new CalibrationMetrics({ classes: width });
  const ranking = options.ranking ? new RankingMetrics({ classes: width, thresholds: options.ranking }) : undefined;
  const worst = new WorstSamples<ClassificationMistake>(options.mistakes);
  const kept = { predicted: [] as number[], actual: [] as number[], loss: [] as number[] };
  let lossSum = 0;

  function addSample(batch: ScoredBatch, probabilities: Float32Array, row: number, label: number): void {
    const offset = row * width;
    const scores = batch.scores.data;
    const finite = finiteRow(scores, offset, width);
    const loss = finite ? crossEntropyOf(scores, logits, { offset, classes: width, label }) : Number.NaN;
    const predicted = winningClass(scores, offset, width);
    lossSum += loss;
    if (options.bootstrap !== undefined) {
      kept.predicted.push(predicted);
      kept.actual.push(label);
      kept.loss.push(loss);
    }
    if (predicted === label) return;
    const confidence = finite ? Math.max(...probabilities.subarray(offset, offset + width)) : Number.NaN;
    worst.add(options.worstBy === 'loss' ? loss : confidence, () => ({
      key: batch.keys[row]!,
      index: batch.start + row,
      label: classes[label]!,
      ...(predicted >= 0 && { predicted: classes[predicted]! }),
      confidence,
      loss,
    }));
  }

  return {
    add(batch) {
      const { scores, labels, keys, start } = batch;
      const rows = scores.dims[0]!;
      checkBatch(batch, 'classification', { type: 'int64', labels: [rows], scores: [rows, width] });
      const actual = Array.from(labels.data, Number);
      metrics.update(
        scores.data,
        actual,
        actual.map((label, row) => slicesOf(keys[row]!, start + row, label)),
      );
      const probabilities = logits ? softmaxRows(scores.data, width) : clipped(scores.data);
      const usable = actual.flatMap((_, row) => (finiteRow(scores.data, row * width, width) ? [row] : []));
      const believable = rowsOf(probabilities, usable, width);
      const theirs = usable.map((row) => actual[row]!);
      calibration.update(believable, theirs);
      ranking?.update(believable, theirs);
      for (const [row, label] of actual.entries()) addSample(batch, probabilities, row, label);
    },
    report() {
      const all = metrics.all.compute();
      const { samples, accuracy } = all;
      const { confidence } = options;
      const accuracyInterval = wilsonInterval(Math.round(accuracy * samples), samples, confidence);
      const macroF1 = bootstrapOf(options, samples, macroF1Of(kept.predicted, kept.actual, width));
      const loss = bootstrapOf(options, samples, meanOf(kept.loss));
      const withInterval = <Report extends { accuracy: number; samples: number }>(report: Report) => ({
        ...report,
        accuracyInterval: wilsonInterval(Math.round(report.accuracy * report.samples), report.samples, confidence),
      });
      return {
        ...all,
        accuracyInterval,
        task: 'classification',
        classes,
        loss: lossSum / samples,
        confidence,
        intervals: { accuracy: accuracyInterval, ...(macroF1 && { macroF1 }), ...(loss && { loss }) },
        calibration: calibration.compute(),
        ...(ranking && { ranking: ranking.compute() }),
        slices: sliceReports(options.slices, metrics.slices()).map((slice) => ({
          ...slice,
          report: withInterval(slice.report),
        })),
        mistakes: worst.values(),
      };
    },
  };
}

/** Some rows of a matrix; all of them are not copied. */
function rowsOf(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  if (rows.length * width === matrix.length) return matrix;
  const picked = new Float32Array(rows.length * width);
  for (const [at, row] of rows.entries()) picked.set(matrix.subarray(row * width, (row + 1) * width), at * width);
  return picked;
}
