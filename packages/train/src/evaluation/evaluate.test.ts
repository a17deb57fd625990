import { readFileSync } from 'node:fs';
import { type Model, writeModel } from '@percept/onnx';
import { interpreter } from '@percept/onnx/backends/interpreter';
import { htmlPage, plotFromSpec } from '@percept/report';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { confusionPlot, evaluationPage, reliabilityPlot } from './evaluation-page.js';
import { mistakePictures } from './mistake-pictures.js';
import { echo, scored } from './scored.fixture.js';

interface Golden {
  readonly classification: {
    readonly logits: number[];
    readonly probabilities: number[];
    readonly labels: number[];
    readonly loss: number[];
    readonly accuracy: number;
    readonly macroF1: number;
    readonly calibrationError: number;
  };
  readonly multilabel: {
    readonly logits: number[];
    readonly probabilities: number[];
    readonly targets: number[];
    readonly loss: number[];
    readonly macroF1: number;
    readonly meanAveragePrecision: number;
  };
  readonly segmentation: {
    readonly dims: number[];
    readonly logits: number[];
    readonly labels: number[];
    readonly ignored: number;
    readonly loss: number[];
    readonly meanLoss: number;
    readonly pixelAccuracy: number;
    readonly meanIoU: number;
  };
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/evaluation.json', import.meta.url), 'utf8'),
);

const names = ['a', 'b', 'c', 'd'];
const runtime = interpreter();
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const descending = (values: readonly number[]) => [...values].sort((a, b) => b - a);

describe('evaluate a classifier', () => {
  const { logits, probabilities, labels, loss } = golden.classification;
  const of = (scores: readonly number[]) => scored([23, 4], scores, { type: 'int64', dims: [23], data: labels }, names);

  it('gives the figures of PyTorch and torchmetrics, from logits and from probabilities', async () => {
    const forms: [Model, number[], object][] = [
      [echo(2), logits, {}],
      [echo(2, 'Softmax'), logits, {}],
      [echo(2, undefined, 'probabilities'), probabilities, {}],
      [echo(2), probabilities, { scores: 'probabilities' }],
    ];
    for (const [model, scores, options] of forms) {
      const report = await evaluate(model, of(scores), { runtime, ranking: 'exact', mistakes: 100, ...options });
      expect(report.accuracy).toBeCloseTo(golden.classification.accuracy, 6);
      expect(report.f1.macro).toBeCloseTo(golden.classification.macroF1, 6);
      expect(report.loss).toBeCloseTo(mean(loss), 5);
      expect(report.calibration.expectedError).toBeCloseTo(golden.classification.calibrationError, 5);
      expect(report.ranking!.auroc.macro).toBeGreaterThan(0);
      expect(report.intervals.accuracy).toEqual(report.accuracyInterval);
      const wrong = 23 - Math.round(report.accuracy * 23);
      expect(report.mistakes).toHaveLength(wrong);
      for (const mistake of report.mistakes) {
        expect(mistake.loss).toBeCloseTo(loss[mistake.index]!, 4);
        expect(mistake.label).toBe(names[labels[mistake.index]!]);
        const row = probabilities.slice(mistake.index * 4, mistake.index * 4 + 4);
        expect(mistake.confidence).toBeCloseTo(Math.max(...row), 5);
        expect(mistake.predicted).toBe(names[row.indexOf(Math.max(...row))]);
      }
      expect(report.mistakes.map((mistake) => mistake.loss)).toEqual(descending(report.mistakes.map((m) => m.loss)));
    }
  });

  it('cuts the data by functions and maps, and ranks by confidence', async () => {
    const light = new Map([
      ['even-0', 'night'],
      ['odd-1', 'night'],
    ]);
    const report = await evaluate(writeModel(echo(2)), of(logits), {
      runtime,
      slices: {
        parity: (key) => key.split('-')[0],
        light,
        early: (_, index, label) => (index < 3 && label === labels[index] ? 'yes' : undefined),
      },
      worstBy: 'confidence',
      mistakes: 3,
      confidence: 0.9,
    });
    expect(report.slices.map(({ slice, value, report: { samples } }) => [slice, value, samples])).toEqual([
      ['parity', 'even', 12],
      ['parity', 'odd', 11],
      ['light', 'night', 2],
      ['early', 'yes', 3],
    ]);
    const confidences = report.mistakes.map(({ confidence }) => confidence);
    expect(confidences).toHaveLength(3);
    expect(confidences).toEqual(descending(confidences));
    expect(report.confidence).toBe(0.9);
    const all = await evaluate(echo(2), of(logits), { runtime });
    expect(report.accuracyInterval.lower).toBeGreaterThan(all.accuracyInterval.lower);
    const [even] = report.slices;
    expect(even!.report.accuracyInterval.upper - even!.report.accuracyInterval.lower).toBeGreaterThan(
      report.accuracyInterval.upper - report.accuracyInterval.lower,
    );
  });

  it('has bootstrap intervals around what it measured, the same for the same seed', async () => {
    const once = () => evaluate(echo(2), of(logits), { runtime, bootstrap: { resamples: 400, seed: 3 } });
    const [first, second] = [await once(), await once()];
    expect(first.intervals).toEqual(second.intervals);
    for (const [interval, value] of [
      [first.intervals.macroF1!, first.f1.macro],
      [first.intervals.loss!, first.loss],
    ] as const) {
      expect(interval.lower).toBeLessThan(value);
      expect(interval.upper).toBeGreaterThan(value);
    }
  });

  it('counts scores that are not finite as wrong, and as the worst', async () => {
    const broken = logits.map((value, i) => (Math.floor(i / 4) === 5 ? Number.NaN : value));
    const report = await evaluate(echo(2), of(broken), { runtime });
    expect(report.undecided).toBe(1);
    expect(report.calibration.samples).toBe(22);
    expect(report.mistakes[0]).toMatchObject({ index: 5, loss: Number.NaN, confidence: Number.NaN });
    expect('predicted' in report.mistakes[0]!).toBe(false);
  });

  it('refuses labels and scores of another task', async () => {
    const soft = scored([2, 2], [1, 2, 3, 4], { type: 'float32', dims: [2, 2], data: [0, 1, 1, 0] }, ['a', 'b']);
    await expect(evaluate(echo(2), soft, { runtime })).rejects.toMatchObject({ code: 'TRAIN_DATA_INVALID' });
    const three = scored([2, 3], [1, 2, 3, 4, 5, 6], { type: 'int64', dims: [2], data: [0, 1] }, ['a', 'b']);
    await expect(evaluate(echo(2), three, { runtime })).rejects.toMatchObject({ code: 'TRAIN_MODEL_INVALID' });
    await expect(evaluate(echo(2), { ...three, classes: [] }, { runtime })).rejects.toThrow(/data with classes/);
    await expect(evaluate(echo(2), of(logits), { runtime, output: 'y' })).rejects.toThrow(/an output y .* scores/);
    await expect(evaluate(echo(2), { ...three, async *batches() {} }, { runtime })).rejects.toThrow(
      /at least one batch/,
    );
    await expect(evaluate(echo(2), three, { runtime, mistakes: -1 })).rejects.toThrow(/mistakes/);
  });
});

describe('evaluate a multi-label classifier', () => {
  const { logits, probabilities, targets, loss } = golden.multilabel;
  const labels = { type: 'float32', dims: [19, 3], data: targets } as const;

  it('gives the figures of PyTorch and scikit-learn', async () => {
    const forms: [Model, number[], object][] = [
      [echo(2), logits, {}],
      [echo(2, 'Sigmoid'), logits, {}],
      [echo(2), probabilities, { scores: 'probabilities' }],
    ];
    for (const [model, scores, options] of forms) {
      const data = scored([19, 3], scores, labels, ['x', 'y', 'z']);
      const slices = { parity: (key: string) => key.split('-')[0] };
      const asked = { runtime, task: 'multilabel', bootstrap: true, slices, ...options } as const;
      const report = await evaluate(model, data, asked);
      expect(report.f1.macro).toBeCloseTo(golden.multilabel.macroF1, 6);
      expect(report.ranking!.averagePrecision.macro).toBeCloseTo(golden.multilabel.meanAveragePrecision, 5);
      expect(report.loss).toBeCloseTo(mean(loss), 5);
      expect(report.intervals.loss!.lower).toBeLessThan(report.loss);
      expect(report.slices.map(({ report: { samples } }) => samples)).toEqual([10, 9]);
      expect(report.mistakes).toHaveLength(19 - Math.round(report.exactMatch * 19));
      for (const mistake of report.mistakes) {
        expect(mistake.loss).toBeCloseTo(loss[mistake.index]!, 4);
        expect(mistake.labels).not.toEqual(mistake.predicted);
      }
    }
  });
});

describe('evaluate a segmentation', () => {
  const { dims, logits, labels, ignored, loss, meanLoss, pixelAccuracy, meanIoU } = golden.segmentation;
  const [samples, , height, width] = dims as [number, number, number, number];
  const maps = { type: 'int64', dims: [samples, height, width], data: labels } as const;

  it('gives the figures of PyTorch, pixels without a label left out', async () => {
    const data = scored(dims, logits, maps, ['sky', 'road', 'car']);
    const asked = { runtime, task: 'segmentation', ignoreIndex: ignored, bootstrap: true } as const;
    const report = await evaluate(echo(4), data, { ...asked, slices: { parity: (key) => key.split('-')[0] } });
    expect(report.pixelAccuracy).toBeCloseTo(pixelAccuracy, 6);
    expect(report.meanIoU).toBeCloseTo(meanIoU, 6);
    expect(report.loss).toBeCloseTo(meanLoss, 5);
    expect(report.intervals.pixelAccuracy!.lower).toBeLessThan(pixelAccuracy);
    expect(report.slices.map(({ report: { images } }) => images)).toEqual([3, 2]);
    expect(report.mistakes.map(({ index }) => index)).toEqual([...loss.keys()].sort((a, b) => loss[b]! - loss[a]!));
    for (const mistake of report.mistakes) expect(mistake.loss).toBeCloseTo(loss[mistake.index]!, 5);
  });

  it('refuses scores that are not finite, and masks of another size', async () => {
    const nan = scored(dims, [Number.NaN, ...logits.slice(1)], maps, ['sky', 'road', 'car']);
    const asked = { runtime, task: 'segmentation', ignoreIndex: ignored } as const;
    await expect(evaluate(echo(4), nan, asked)).rejects.toMatchObject({ code: 'TRAIN_MODEL_INVALID' });
    const other = scored(dims, logits, { ...maps, dims: [samples, width, height] }, ['sky', 'road', 'car']);
    await expect(evaluate(echo(4), other, asked)).rejects.toMatchObject({ code: 'TRAIN_DATA_INVALID' });
  });
});

describe('the page of an evaluation', () => {
  const { logits, labels } = golden.classification;
  const data = scored([23, 4], logits, { type: 'int64', dims: [23], data: labels }, names);

  it('has figures, plots, slices and the worst mistakes with their pictures, also after a way through JSON', async () => {
    const report = await evaluate(echo(2), data, {
      runtime,
      topK: [1, 2],
      bootstrap: true,
      ranking: 'exact',
      slices: { parity: (key) => key.split('-')[0] },
      mistakes: 4,
    });
    const image = await plotFromSpec(confusionPlot(report)).toPng({ scale: 0.1 });
    const picture = ({ index }: { index: number }) => (index === report.mistakes[0]!.index ? undefined : { image });
    const page = await evaluationPage(JSON.parse(JSON.stringify(report)), { title: 'Four letters', picture });
    expect(page.sections.map(({ heading }) => heading)).toEqual([
      'Figures',
      'What is taken for what',
      'Whether its confidence can be believed',
      'By class',
      'By slice',
      'Worst mistakes',
    ]);
    expect(page.sections.at(-1)!.thumbnails).toHaveLength(3);
    const html = htmlPage(page);
    for (const text of ['Four letters', 'top-2 accuracy', 'macro F1', '95 % interval', 'parity', 'odd', '→']) {
      expect(html).toContain(text);
    }
    expect(html.match(/<img /g)).toHaveLength(3);
    const pictures = await mistakePictures(report, { picture: () => image });
    expect(pictures.map(({ caption }) => caption.split('\n')[0])).toEqual(
      report.mistakes.map(({ label, predicted }) => `${label} → ${predicted}`),
    );
  });

  it('names mistakes by key where there are no pictures', async () => {
    const report = await evaluate(echo(2), data, { runtime, mistakes: 2 });
    const page = await evaluationPage(report);
    expect(page.sections.at(-1)).toMatchObject({
      heading: 'Worst mistakes',
      table: [{ key: report.mistakes[0]!.key }, {}],
    });
    expect(htmlPage(page)).toContain(report.mistakes[1]!.key);
  });

  it('is there for every task', async () => {
    const { dims, logits: scores, labels: maps, ignored } = golden.segmentation;
    const [n, , height, width] = dims as [number, number, number, number];
    const asked = { runtime, slices: { parity: (key: string) => key.split('-')[0] } };
    const segmentation = await evaluate(
      echo(4),
      scored(dims, scores, { type: 'int64', dims: [n, height, width], data: maps }, ['sky', 'road', 'car']),
      { ...asked, task: 'segmentation', ignoreIndex: ignored },
    );
    expect(htmlPage(await evaluationPage(segmentation))).toMatch(/mean IoU[\s\S]*of pixels right/);
    const { targets } = golden.multilabel;
    const labels = { type: 'float32', dims: [19, 3], data: targets } as const;
    const multi = scored([19, 3], golden.multilabel.logits, labels, ['x', 'y', 'z']);
    const multilabel = await evaluate(echo(2), multi, { ...asked, task: 'multilabel' });
    expect(htmlPage(await evaluationPage(multilabel))).toMatch(/all labels right[\s\S]*(?:− |\+ )[xyz]/);
  });

  it('draws how reliable confidences are with the interval of each bin', () => {
    const bins = [
      { lower: 0, upper: 0.5, samples: 0, confidence: 0, accuracy: 0 },
      { lower: 0.5, upper: 1, samples: 10, confidence: 0.8, accuracy: 0.6 },
    ];
    const spec = reliabilityPlot({ expectedError: 0.2, bins });
    expect(spec.series[0]!.points).toEqual([[0.8, 0.6]]);
    const [[at, lower, upper]] = spec.series[0]!.band as [[number, number, number]];
    expect([at, lower < 0.6, upper > 0.6]).toEqual([0.8, true, true]);
    expect(plotFromSpec(spec).toSvg()).toContain('20.0 %');
  });
});
