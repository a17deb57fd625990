import type {
  CalibrationReport,
  ClassificationReport,
  Interval,
  MultilabelReport,
  RankingReport,
  SegmentationReport,
} from '@percept/metrics';

/** A sample that a model got wrong. */
export interface Mistake {
  /** Key of the sample. */
  readonly key: string;
  /** Place in the evaluated data, counted from 0 in the order in which it came. */
  readonly index: number;
  /** Loss of the sample, at least 0; NaN where the scores are not finite. */
  readonly loss: number;
}

/** A picture put into a wrong class. */
export interface ClassificationMistake extends Mistake {
  /** Name of its class. */
  readonly label: string;
  /** Name of the class that won; `undefined` when none did: scores that tie or are not finite. */
  readonly predicted?: string;
  /** Highest probability, 0..1; NaN where the scores are not finite. */
  readonly confidence: number;
}

/** A picture with at least one wrong label. */
export interface MultilabelMistake extends Mistake {
  /** Names of its labels. */
  readonly labels: readonly string[];
  /** Names of the labels that were predicted. */
  readonly predicted: readonly string[];
}

/** A picture with at least one wrong pixel. */
export interface SegmentationMistake extends Mistake {
  /** Share of its pixels that are right, 0..1. */
  readonly pixelAccuracy: number;
}

/** The scores of a part of the data. */
export interface EvaluationSlice<Report> {
  /** What the data was cut by: a name in `slices`. */
  readonly slice: string;
  /** Which part it is. */
  readonly value: string;
  readonly report: Report;
}

/** What {@link evaluate} tells of every task. */
interface CommonEvaluation {
  /** Class names, in the order of the figures by class. */
  readonly classes: readonly string[];
  /** Mean loss of the samples: cross-entropy, of two outcomes for each label of a multi-label task. */
  readonly loss: number;
  /** Confidence of `intervals` and of those of the slices. */
  readonly confidence: number;
}

/** How well a classifier does; plain data that goes through JSON (where NaN becomes `null`). */
export interface ClassificationEvaluation extends ClassificationReport, CommonEvaluation {
  readonly task: 'classification';
  /** `accuracy` by Wilson's formula; `macroF1` and `loss` by the bootstrap, when it was asked for. */
  readonly intervals: { readonly accuracy: Interval; readonly macroF1?: Interval; readonly loss?: Interval };
  /** Whether its confidence can be believed; samples with scores that are not finite stay out. */
  readonly calibration: CalibrationReport;
  /** AUROC and average precision, when they were asked for. */
  readonly ranking?: RankingReport;
  /** By name of the slice in the order given, then by value. */
  readonly slices: readonly EvaluationSlice<ClassificationReport>[];
  /** The worst first. */
  readonly mistakes: readonly ClassificationMistake[];
}

/** How well a multi-label classifier does; plain data. */
export interface MultilabelEvaluation extends MultilabelReport, CommonEvaluation {
  readonly task: 'multilabel';
  /** `exactMatch` by Wilson's formula; `loss` by the bootstrap, when it was asked for. */
  readonly intervals: { readonly exactMatch: Interval; readonly loss?: Interval };
  /** Of all labels together, each a question of its own; those with scores that are not finite stay out. */
  readonly calibration: CalibrationReport;
  readonly ranking?: RankingReport;
  readonly slices: readonly EvaluationSlice<MultilabelReport>[];
  readonly mistakes: readonly MultilabelMistake[];
}

/** How well a segmentation does; plain data. */
export interface SegmentationEvaluation extends SegmentationReport, CommonEvaluation {
  readonly task: 'segmentation';
  /** By the bootstrap over images, when it was asked for: pixels of one image are no independent samples. */
  readonly intervals: { readonly pixelAccuracy?: Interval; readonly loss?: Interval };
  readonly slices: readonly EvaluationSlice<SegmentationReport>[];
  readonly mistakes: readonly SegmentationMistake[];
}

/** The evaluation of each task. */
export interface Evaluations {
  classification: ClassificationEvaluation;
  multilabel: MultilabelEvaluation;
  segmentation: SegmentationEvaluation;
}

/** What a model is to do, and with it what {@link evaluate} measures. */
export type EvaluationTask = keyof Evaluations;

/** Any evaluation, told apart by `task`. */
export type Evaluation = Evaluations[EvaluationTask];
