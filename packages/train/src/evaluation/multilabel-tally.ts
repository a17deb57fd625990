import { CalibrationMetrics, MultilabelMetrics, RankingMetrics, SlicedMetrics, wilsonInterval } from '@percept/metrics';
import { bootstrapOf, meanOf } from './bootstrap.js';
import type { MultilabelEvaluation, MultilabelMistake } from './evaluation.js';
import { binaryCrossEntropyOf, clipped, finiteRow, sigmoids } from './probabilities.js';
import type { ScoredBatch } from './scored-batches.js';
import { sliceReports } from './slices.js';
import { checkBatch, type TaskContext, type TaskTally } from './task-tally.js';
import { WorstSamples } from './worst-samples.js';

/** Scores a classifier whose labels apply or not, each on its own. */
export function multilabelTally({ options, classes, logits, slicesOf }: TaskContext): TaskTally<MultilabelEvaluation> {
  const width = classes.length;
  const { threshold, confidence } = options;
  const metrics = new SlicedMetrics(() => new MultilabelMetrics({ classes: width, threshold }));
  const calibration = new CalibrationMetrics({ classes: 1 });
  const thresholds = options.ranking ?? 'exact';
  const ranking = thresholds ? new RankingMetrics({ classes: width, task: 'multilabel', thresholds }) : undefined;
  const worst = new WorstSamples<MultilabelMistake>(options.mistakes);
  const losses: number[] = [];
  let lossSum = 0;

  function addSample(batch: ScoredBatch, probabilities: Float32Array, row: number): void {
    const offset = row * width;
    const targets = batch.labels.data;
    let loss = 0;
    for (let at = offset; at < offset + width; at++) {
      loss += binaryCrossEntropyOf(batch.scores.data[at]!, logits, Number(targets[at])) / width;
    }
    lossSum += loss;
    if (options.bootstrap !== undefined) losses.push(loss);
    const present = classes.map((_, c) => Number(targets[offset + c]) === 1);
    const predicted = classes.map((_, c) => probabilities[offset + c]! > threshold);
    if (present.every((value, c) => value === predicted[c])) return;
    worst.add(loss, () => ({
      key: batch.keys[row]!,
      index: batch.start + row,
      labels: classes.filter((_, c) => present[c]),
      predicted: classes.filter((_, c) => predicted[c]),
      loss,
    }));
  }

  return {
    add(batch) {
      const { scores, labels, keys, start } = batch;
      const rows = scores.dims[0]!;
      checkBatch(batch, 'multilabel', { type: 'float32', labels: [rows, width], scores: [rows, width] });
      const probabilities = logits ? sigmoids(scores.data) : clipped(scores.data);
      metrics.update(
        probabilities,
        labels.data,
        keys.map((key, row) => slicesOf(key, start + row, undefined)),
      );
      const believable: number[] = [];
      const theirs: number[] = [];
      for (const [at, probability] of probabilities.entries()) {
        if (Number.isNaN(probability)) continue;
        believable.push(probability);
        theirs.push(Number(labels.data[at]));
      }
      calibration.update(believable, theirs);
      for (let row = 0; row < rows; row++) {
        if (finiteRow(scores.data, row * width, width)) {
          const part = [row * width, (row + 1) * width] as const;
          ranking?.update(probabilities.subarray(...part), labels.data.subarray(...part) as Float32Array);
        }
        addSample(batch, probabilities, row);
      }
    },
    report() {
      const all = metrics.all.compute();
      const exactMatch = wilsonInterval(Math.round(all.exactMatch * all.samples), all.samples, confidence);
      const loss = bootstrapOf(options, all.samples, meanOf(losses));
      return {
        ...all,
        task: 'multilabel',
        classes,
        loss: lossSum / all.samples,
        confidence,
        intervals: { exactMatch, ...(loss && { loss }) },
        calibration: calibration.compute(),
        ...(ranking && { ranking: ranking.compute() }),
        slices: sliceReports(options.slices, metrics.slices()),
        mistakes: worst.values(),
      };
    },
  };
}
