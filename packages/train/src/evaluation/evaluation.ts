import type {
  CalibrationReport,
  ClassificationReport,
  DetectionReport,
  Interval,
  MultilabelReport,
  RankingReport,
  RegressionReport,
  RetrievalReport,
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

/** A picture whose numbers are off. */
export interface RegressionMistake extends Mistake {
  /** What is right, by output. */
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
}

/** A picture whose nearest picture is of another class. */
export interface RetrievalMistake extends Mistake {
  /** Name of its class. */
  readonly label: string;
  /** What came first; `undefined` when there was nothing to find. `gallery`: whether its index is one of the gallery. */
  readonly nearest:
    | {
        readonly key: string;
        readonly index: number;
        readonly label: string;
        readonly distance: number;
        readonly gallery: boolean;
      }
    | undefined;
  readonly averagePrecision: number;
}

/** A picture in which something was missed, or seen that is not there. */
export interface DetectionMistake extends Mistake {
  /** Objects that were found, at an IoU of 0.5. */
  readonly right: number;
  /** Names of the classes of objects that were not. */
  readonly missed: readonly string[];
  /** Names of the classes of detections that fit no object. */
  readonly wrong: readonly string[];
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
  /**
   * Mean loss of the samples: cross-entropy, of two outcomes for each label of a multi-label task; squared error of a
   * regression; 1 less the average precision of a retrieval's query; 1 less the F1 score of an image of a detection, at an
   * IoU of 0.5 with the detections above `threshold` (0 where nothing is and nothing was found).
   */
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

/** How well numbers are predicted; plain data. */
export interface RegressionEvaluation extends RegressionReport, CommonEvaluation {
  readonly task: 'regression';
  /** Of the averages over the outputs, by the bootstrap, when it was asked for. */
  readonly intervals: {
    readonly meanAbsoluteError?: Interval;
    readonly rootMeanSquaredError?: Interval;
    readonly rSquared?: Interval;
    readonly loss?: Interval;
  };
  readonly slices: readonly EvaluationSlice<RegressionReport>[];
  readonly mistakes: readonly RegressionMistake[];
}

/** How well embeddings find pictures of the same class; plain data. */
export interface RetrievalEvaluation extends RetrievalReport, CommonEvaluation {
  readonly task: 'retrieval';
  /** Means over the queries of each class, in the order of `classes`. */
  readonly perClass: readonly RetrievalReport[];
  /** By the bootstrap over queries, when it was asked for. */
  readonly intervals: {
    readonly meanAveragePrecision?: Interval;
    readonly meanReciprocalRank?: Interval;
    /** Of the hit rate within the smallest `k`. */
    readonly hitRate?: Interval;
    readonly loss?: Interval;
  };
  /** Of queries; each is searched for among all. */
  readonly slices: readonly EvaluationSlice<RetrievalReport>[];
  readonly mistakes: readonly RetrievalMistake[];
}

/** How well a detector does, by COCO's rules; plain data. */
export interface DetectionEvaluation extends DetectionReport, CommonEvaluation {
  readonly task: 'detection';
  /** By the bootstrap over images, when it was asked for. */
  readonly intervals: {
    readonly meanAveragePrecision?: Interval;
    /** Unless 0.5 is no threshold. */
    readonly meanAveragePrecisionAt50?: Interval;
    readonly loss?: Interval;
  };
  readonly slices: readonly EvaluationSlice<DetectionReport>[];
  readonly mistakes: readonly DetectionMistake[];
}

/** The evaluation of each task. */
export interface Evaluations {
  classification: ClassificationEvaluation;
  multilabel: MultilabelEvaluation;
  segmentation: SegmentationEvaluation;
  regression: RegressionEvaluation;
  retrieval: RetrievalEvaluation;
  detection: DetectionEvaluation;
}

/** What a model is to do, and with it what {@link evaluate} measures. */
export type EvaluationTask = keyof Evaluations;

/** Any evaluation, told apart by `task`. */
export type Evaluation = Evaluations[EvaluationTask];
