import { parseOptions } from '@percept/core';
import { type CalibrationBin, type Interval, wilsonInterval } from '@percept/metrics';
import * as z from 'zod';
import type { Evaluation, EvaluationSlice, Mistake } from './evaluation.js';
import { type MistakePicture, mistakeCaption, type PictureOf, pictureSchema, picturesOf } from './mistake-pictures.js';

/** A confusion matrix as a plot. */
export interface ConfusionPlotSpec {
  readonly kind: 'confusionMatrix';
  readonly title: string;
  readonly classes: readonly string[];
  readonly confusion: readonly (readonly number[])[];
}

/** How often a model is right, over how sure it is. */
export interface ReliabilityPlotSpec {
  readonly kind: 'line';
  readonly title: string;
  readonly x: { readonly label: string; readonly min: number; readonly max: number };
  readonly y: { readonly label: string; readonly min: number; readonly max: number };
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
    readonly band?: readonly (readonly [number, number, number])[];
  }[];
}

/** A part of an {@link EvaluationPage}. */
export interface EvaluationSection {
  heading: string;
  text?: string;
  plot?: ConfusionPlotSpec | ReliabilityPlotSpec;
  table?: Record<string, string | number | null>[];
  columns?: { key: string; align?: 'left' | 'right' }[];
  thumbnails?: MistakePicture[];
}

/** What `htmlPage` of `@percept/report` makes a page of. */
export interface EvaluationPage {
  title: string;
  sections: EvaluationSection[];
}

/** Options of {@link evaluationPage}. */
export interface EvaluationPageOptions {
  /** Default `Evaluation`. */
  title?: string;
  /** Gives the picture of a mistake: the bytes of a PNG, JPEG, GIF or WebP file, or a sample that has them. */
  picture?: PictureOf;
}

const schema = z.strictObject({ title: z.string().default('Evaluation'), picture: pictureSchema.optional() });

/**
 * An evaluation as a page for `htmlPage` of `@percept/report`: the figures with their intervals, the confusion matrix, a
 * reliability diagram, the figures by class (or output) and by slice, and the worst mistakes with their pictures.
 *
 * ```ts
 * const picture = ({ index }) => source.read(index);
 * await writeFile('evaluation.html', htmlPage(await evaluationPage(report, { picture })));
 * ```
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, and what `picture` throws
 */
export async function evaluationPage(report: Evaluation, options: EvaluationPageOptions = {}): Promise<EvaluationPage> {
  const { title, picture } = parseOptions(schema, options, 'evaluationPage() options');
  const sections: EvaluationSection[] = [{ heading: 'Figures', ...figures(report) }];
  if ('confusion' in report) {
    sections.push({
      heading: 'What is taken for what',
      plot: confusionPlot(report),
    });
  }
  if ('calibration' in report) {
    sections.push({ heading: 'Whether its confidence can be believed', plot: reliabilityPlot(report.calibration) });
  }
  sections.push({ heading: report.task === 'regression' ? 'By output' : 'By class', table: byClass(report) });
  if (report.slices.length > 0) sections.push({ heading: 'By slice', table: bySlice(report) });
  if (report.mistakes.length > 0) sections.push(await mistakes(report, picture));
  return { title, sections };
}

/** The confusion matrix of an evaluation, for `plotFromSpec` of `@percept/report`. */
export function confusionPlot(report: {
  readonly classes: readonly string[];
  readonly confusion: readonly (readonly number[])[];
}): ConfusionPlotSpec {
  const { classes, confusion } = report;
  return { kind: 'confusionMatrix', title: 'Confusion matrix', classes, confusion };
}

/**
 * How often predictions are right over how sure the model is of them, for `plotFromSpec` of `@percept/report`. The band is
 * the 95 % interval of each bin (Wilson).
 */
export function reliabilityPlot(calibration: {
  readonly expectedError: number;
  readonly bins: readonly CalibrationBin[];
}): ReliabilityPlotSpec {
  const bins = calibration.bins.filter(({ samples }) => samples > 0);
  const share = { min: 0, max: 1 };
  return {
    kind: 'line',
    title: `Reliability (expected calibration error ${percent(calibration.expectedError)})`,
    x: { label: 'confidence', ...share },
    y: { label: 'share that is right', ...share },
    series: [
      {
        name: 'model',
        points: bins.map(({ confidence, accuracy }) => [confidence, accuracy]),
        band: bins.map(({ confidence, accuracy, samples }) => {
          const { lower, upper } = wilsonInterval(Math.round(accuracy * samples), samples);
          return [confidence, lower, upper];
        }),
      },
      {
        name: 'perfect',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
  };
}

function figures(report: Evaluation): Pick<EvaluationSection, 'table' | 'columns'> {
  const level = `${+(report.confidence * 100).toFixed(2)} % interval`;
  const table = figureRows(report).map(([figure, value, interval]) => ({
    figure,
    value: inWords(value),
    [level]: interval === undefined ? null : `${inWords(interval.lower)} – ${inWords(interval.upper)}`,
  }));
  return { table, columns: [{ key: 'figure' }, { key: 'value', align: 'right' }, { key: level, align: 'right' }] };
}

/** A count is text already. */
type FigureRow = readonly [figure: string, value: number | string, interval?: Interval | undefined];

function rows(...list: FigureRow[]): FigureRow[] {
  return list;
}

function figureRows(report: Evaluation): FigureRow[] {
  const { intervals, loss } = report;
  switch (report.task) {
    case 'classification': {
      const { accuracy, macroF1 } = report.intervals;
      return [
        ['samples', report.samples.toLocaleString('en')],
        ['accuracy', report.accuracy, accuracy],
        ...Object.entries(report.topK)
          .filter(([k]) => k !== '1')
          .map(([k, value]): FigureRow => [`top-${k} accuracy`, value]),
        ['macro F1', report.f1.macro, macroF1],
        ['macro precision', report.precision.macro],
        ['macro recall', report.recall.macro],
        ['Matthews correlation', report.matthewsCorrelation],
        ...(report.ranking === undefined ? [] : rows(['macro AUROC', report.ranking.auroc.macro])),
        ['loss', loss, intervals.loss],
        ['expected calibration error', report.calibration.expectedError],
        ...(report.undecided === 0 ? [] : rows(['undecided', report.undecided.toLocaleString('en')])),
      ];
    }
    case 'multilabel':
      return [
        ['samples', report.samples.toLocaleString('en')],
        ['all labels right', report.exactMatch, report.intervals.exactMatch],
        ['macro F1', report.f1.macro],
        ['micro F1', report.f1.micro],
        ...(report.ranking === undefined
          ? []
          : rows(
              ['mean average precision', report.ranking.averagePrecision.macro],
              ['macro AUROC', report.ranking.auroc.macro],
            )),
        ['loss', loss, intervals.loss],
        ['expected calibration error', report.calibration.expectedError],
      ];
    case 'segmentation':
      return [
        ['images', report.images.toLocaleString('en')],
        ['mean IoU', report.meanIoU],
        ['mean IoU per image', report.meanIoUPerImage],
        ['macro Dice', report.dice.macro],
        ['pixel accuracy', report.pixelAccuracy, report.intervals.pixelAccuracy],
        ['mean accuracy of classes', report.meanAccuracy],
        ['loss', loss, intervals.loss],
      ];
    case 'regression':
      return [
        ['samples', report.samples.toLocaleString('en')],
        ['mean absolute error', report.meanAbsoluteError.average, report.intervals.meanAbsoluteError],
        ['root mean squared error', report.rootMeanSquaredError.average, report.intervals.rootMeanSquaredError],
        ['median absolute error', report.medianAbsoluteError.average],
        ['largest error', report.maxError.average],
        ['R²', report.rSquared.average, report.intervals.rSquared],
        ['Pearson correlation', report.pearsonCorrelation.average],
        ['Spearman correlation', report.spearmanCorrelation.average],
        ['loss (squared error)', loss, intervals.loss],
      ];
    case 'retrieval':
      return [
        ['queries', report.queries.toLocaleString('en')],
        ...(report.withoutRelevant === 0
          ? []
          : rows(['queries without anything to find', report.withoutRelevant.toLocaleString('en')])),
        ['mean average precision', report.meanAveragePrecision, report.intervals.meanAveragePrecision],
        ['mean reciprocal rank', report.meanReciprocalRank, report.intervals.meanReciprocalRank],
        ['R-precision', report.rPrecision],
        ['nDCG', report.normalizedDcg],
        ...Object.entries(report.atK).flatMap(([k, at], i): FigureRow[] => [
          [`hit rate at ${k}`, at.hitRate, i === 0 ? report.intervals.hitRate : undefined],
          [`recall at ${k}`, at.recall],
          [`precision at ${k}`, at.precision],
        ]),
        ['loss (1 − average precision)', loss, intervals.loss],
      ];
    case 'detection':
      return [
        ['images', report.images.toLocaleString('en')],
        ['mAP', report.meanAveragePrecision, report.intervals.meanAveragePrecision],
        ['mAP at IoU 0.5', report.meanAveragePrecisionAt50, report.intervals.meanAveragePrecisionAt50],
        ['mAP at IoU 0.75', report.meanAveragePrecisionAt75],
        ['mAP of small objects', report.meanAveragePrecisionBySize.small],
        ['mAP of medium objects', report.meanAveragePrecisionBySize.medium],
        ['mAP of large objects', report.meanAveragePrecisionBySize.large],
        ['mean average recall', report.meanAverageRecall[100]],
        ['loss (1 − F1 of an image)', loss, intervals.loss],
      ];
  }
}

function byClass(report: Evaluation): Record<string, string | number | null>[] {
  const first = report.task === 'regression' ? 'output' : 'class';
  const columns = Object.entries(classColumns(report));
  return report.classes.map((name, c) => ({
    [first]: name,
    ...Object.fromEntries(columns.map(([title, values]) => [title, rounded(values[c]!)])),
  }));
}

function classColumns(report: Evaluation): Record<string, readonly number[]> {
  switch (report.task) {
    case 'segmentation':
      return { IoU: report.iou.perClass, Dice: report.dice.perClass };
    case 'regression':
      return {
        'mean absolute error': report.meanAbsoluteError.perOutput,
        'root mean squared error': report.rootMeanSquaredError.perOutput,
        'R²': report.rSquared.perOutput,
        'Pearson correlation': report.pearsonCorrelation.perOutput,
      };
    case 'retrieval': {
      const [least] = Object.keys(report.atK);
      return {
        queries: report.perClass.map(({ queries }) => queries),
        'mean average precision': report.perClass.map(({ meanAveragePrecision }) => meanAveragePrecision),
        'R-precision': report.perClass.map(({ rPrecision }) => rPrecision),
        ...(least && { [`hit rate at ${least}`]: report.perClass.map(({ atK }) => atK[least]!.hitRate) }),
      };
    }
    case 'detection':
      return {
        objects: report.perClass.map(({ objects }) => objects),
        AP: report.perClass.map(({ averagePrecision }) => averagePrecision),
        'AP at IoU 0.5': report.perClass.map(({ averagePrecisionAt50 }) => averagePrecisionAt50),
        'average recall': report.perClass.map(({ averageRecall }) => averageRecall),
      };
    default:
      return {
        samples: report.support,
        precision: report.precision.perClass,
        recall: report.recall.perClass,
        F1: report.f1.perClass,
        ...(report.ranking && { 'average precision': report.ranking.averagePrecision.perClass }),
      };
  }
}

function bySlice(report: Evaluation): Record<string, string | number | null>[] {
  const named = ({ slice, value }: EvaluationSlice<unknown>) => ({ slice, value });
  switch (report.task) {
    case 'classification':
      return report.slices.map((slice) => {
        const { samples, accuracy, accuracyInterval, f1 } = slice.report;
        return {
          ...named(slice),
          samples,
          accuracy: rounded(accuracy),
          lower: rounded(accuracyInterval.lower),
          upper: rounded(accuracyInterval.upper),
          'macro F1': rounded(f1.macro),
        };
      });
    case 'multilabel':
      return report.slices.map((slice) => {
        const { samples, exactMatch, f1 } = slice.report;
        return {
          ...named(slice),
          samples,
          'all labels right': rounded(exactMatch),
          'macro F1': rounded(f1.macro),
          'micro F1': rounded(f1.micro),
        };
      });
    case 'segmentation':
      return report.slices.map((slice) => {
        const { images, meanIoU, pixelAccuracy } = slice.report;
        return { ...named(slice), images, 'mean IoU': rounded(meanIoU), 'pixel accuracy': rounded(pixelAccuracy) };
      });
    case 'regression':
      return report.slices.map((slice) => {
        const { samples, meanAbsoluteError, rootMeanSquaredError, rSquared } = slice.report;
        return {
          ...named(slice),
          samples,
          'mean absolute error': rounded(meanAbsoluteError.average),
          'root mean squared error': rounded(rootMeanSquaredError.average),
          'R²': rounded(rSquared.average),
        };
      });
    case 'retrieval':
      return report.slices.map((slice) => {
        const { queries, meanAveragePrecision, atK } = slice.report;
        return {
          ...named(slice),
          queries,
          'mean average precision': rounded(meanAveragePrecision),
          ...Object.fromEntries(Object.entries(atK).map(([k, { hitRate }]) => [`hit rate at ${k}`, rounded(hitRate)])),
        };
      });
    case 'detection':
      return report.slices.map((slice) => {
        const { images, meanAveragePrecision, meanAveragePrecisionAt50 } = slice.report;
        return {
          ...named(slice),
          images,
          mAP: rounded(meanAveragePrecision),
          'mAP at IoU 0.5': rounded(meanAveragePrecisionAt50),
        };
      });
  }
}

async function mistakes(report: Evaluation, picture: PictureOf | undefined): Promise<EvaluationSection> {
  const heading = 'Worst mistakes';
  const list: readonly Mistake[] = report.mistakes;
  const thumbnails = picture === undefined ? [] : await picturesOf(list, picture);
  if (thumbnails.length > 0) return { heading, thumbnails };
  return {
    heading,
    table: list.map((mistake) => ({
      key: mistake.key,
      mistake: mistakeCaption(mistake),
      loss: rounded(mistake.loss),
    })),
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A figure by itself, with four decimals. */
function inWords(value: number | string): string {
  if (typeof value === 'string') return value;
  return Number.isFinite(value) ? value.toFixed(4) : '–';
}

/** Four significant digits; counts as they are; what is not finite is absent. */
function rounded(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}
