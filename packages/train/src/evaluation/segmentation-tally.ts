import { SegmentationMetrics, SlicedMetrics } from '@percept/metrics';
import { bootstrapOf, meanOf } from './bootstrap.js';
import type { SegmentationEvaluation, SegmentationMistake } from './evaluation.js';
import { crossEntropyOf } from './probabilities.js';
import type { ScoredBatch } from './scored-batches.js';
import { sliceReports } from './slices.js';
import { checkBatch, notFinite, type TaskContext, type TaskTally } from './task-tally.js';
import { WorstSamples } from './worst-samples.js';

/** One image, pixel by pixel. */
interface ImageOutcome {
  readonly predicted: Int32Array;
  readonly actual: Int32Array;
  readonly pixels: number;
  readonly right: number;
  /** Mean over the pixels that count. */
  readonly loss: number;
}

/** Scores a model that gives every pixel a class. */
export function segmentationTally({
  options,
  classes,
  logits,
  slicesOf,
}: TaskContext): TaskTally<SegmentationEvaluation> {
  const width = classes.length;
  const { ignoreIndex, confidence } = options;
  const metrics = new SlicedMetrics(
    () => new SegmentationMetrics({ classes: width, ...(ignoreIndex !== undefined && { ignoreIndex }) }),
  );
  const worst = new WorstSamples<SegmentationMistake>(options.mistakes);
  const kept = { pixels: [] as number[], right: [] as number[], loss: [] as number[] };
  let lossSum = 0;
  let lossPixels = 0;

  function outcomeOf({ scores, labels, keys }: ScoredBatch, row: number, pixels: number): ImageOutcome {
    const predicted = new Int32Array(pixels);
    const actual = new Int32Array(pixels);
    let [counted, right, loss] = [0, 0, 0];
    for (let pixel = 0; pixel < pixels; pixel++) {
      const offset = row * width * pixels + pixel;
      let best = 0;
      for (let c = 0; c < width; c++) {
        const score = scores.data[offset + c * pixels]!;
        if (!Number.isFinite(score)) throw notFinite(score, 'segmentation', keys[row]!);
        if (score > scores.data[offset + best * pixels]!) best = c;
      }
      const label = Number(labels.data[row * pixels + pixel]);
      predicted[pixel] = best;
      actual[pixel] = label;
      if (label === ignoreIndex || label < 0 || label >= width) continue;
      counted++;
      if (best === label) right++;
      loss += crossEntropyOf(scores.data, logits, { offset, classes: width, stride: pixels, label });
    }
    return { predicted, actual, pixels: counted, right, loss: counted === 0 ? 0 : loss / counted };
  }

  function count({ keys, start }: ScoredBatch, row: number, { pixels, right, loss }: ImageOutcome): void {
    lossSum += loss * pixels;
    lossPixels += pixels;
    if (options.bootstrap !== undefined) {
      kept.pixels.push(pixels);
      kept.right.push(right);
      kept.loss.push(loss * pixels);
    }
    if (right === pixels) return;
    worst.add(loss, () => ({ key: keys[row]!, index: start + row, pixelAccuracy: right / pixels, loss }));
  }

  return {
    add(batch) {
      const { scores, keys, start } = batch;
      const [rows = 0, , height = 0, breadth = 0] = scores.dims;
      const labels = [rows, height, breadth];
      checkBatch(batch, 'segmentation', { type: 'int64', labels, scores: [rows, width, height, breadth] });
      for (let row = 0; row < rows; row++) {
        const outcome = outcomeOf(batch, row, height * breadth);
        metrics.add(slicesOf(keys[row]!, start + row, undefined), (metric) =>
          metric.update(outcome.predicted, outcome.actual),
        );
        count(batch, row, outcome);
      }
    },
    report() {
      const all = metrics.all.compute();
      const shareOf = (values: readonly number[]) => (indices: Int32Array) =>
        meanOf(values)(indices) / meanOf(kept.pixels)(indices);
      const pixelAccuracy = bootstrapOf(options, all.images, shareOf(kept.right));
      const loss = bootstrapOf(options, all.images, shareOf(kept.loss));
      return {
        ...all,
        task: 'segmentation',
        classes,
        loss: lossSum / lossPixels,
        confidence,
        intervals: { ...(pixelAccuracy && { pixelAccuracy }), ...(loss && { loss }) },
        slices: sliceReports(options.slices, metrics.slices()),
        mistakes: worst.values(),
      };
    },
  };
}
