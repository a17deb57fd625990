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
 * reliability diagram, the figures by class and by slice, and the worst mistakes with their pictures.
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
  sections.push({ heading: 'By class', table: byClass(report) });
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
  }
}

function byClass(report: Evaluation): Record<string, string | number | null>[] {
  const columns: Record<string, readonly number[]> =
    report.task === 'segmentation'
      ? { IoU: report.iou.perClass, Dice: report.dice.perClass }
      : {
          samples: report.support,
          precision: report.precision.perClass,
          recall: report.recall.perClass,
          F1: report.f1.perClass,
          ...(report.ranking && { 'average precision': report.ranking.averagePrecision.perClass }),
        };
  return report.classes.map((name, c) => ({
    class: name,
    ...Object.fromEntries(Object.entries(columns).map(([title, values]) => [title, rounded(values[c]!)])),
  }));
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
