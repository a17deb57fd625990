export { type CifarResnetOptions, cifarResnet } from './builders/cifar-resnet.js';
export type { ClassifierOptions, DropoutOptions } from './builders/classifier-options.js';
export { type Cnn35Options, cnn35 } from './builders/cnn35.js';
export { type EfficientNetOptions, efficientnetB0 } from './builders/efficientnet.js';
export { type EmbeddingOptions, embeddingModel } from './builders/embedding.js';
export { mobilenetV2 } from './builders/mobilenet-v2.js';
export { mobilenetV3Large, mobilenetV3Small } from './builders/mobilenet-v3.js';
export { type ResnetOptions, resnet18, resnet34, resnet50 } from './builders/resnet.js';
export { type SmallCnnOptions, smallCnn } from './builders/small-cnn.js';
export { squeezenet } from './builders/squeezenet.js';
export { type SsdLiteOptions, ssdLite } from './builders/ssd-lite.js';
export { type VitOptions, vitTiny } from './builders/vit.js';
export type { StepRecord, TrainingCallback, TrainingControl } from './callback.js';
export {
  type AnchorGrid,
  type AnchorShapes,
  type DefaultBoxOptions,
  defaultBoxShapes,
  layAnchors,
} from './detection/anchors.js';
export { type BoxWeights, decodeBoxes, encodeBoxes } from './detection/box-coder.js';
export { type DecodedDetections, type DetectionThresholds, decodeDetections } from './detection/decode-detections.js';
export {
  type DetectionAugmentation,
  type SsdAugmentationOptions,
  ssdAugmentation,
} from './detection/detection-augmentation.js';
export {
  type DetectionBatch,
  type DetectionBatchesOptions,
  type DetectionBatchSource,
  type DetectionTruth,
  detectionBatches,
} from './detection/detection-batches.js';
export type { DetectionExample, DetectionSample } from './detection/detection-sample.js';
export { detectionTargets, type LabelledBoxes } from './detection/detection-targets.js';
export { type Detector, type DetectorDescription, type DetectorScores, detectorOf } from './detection/detector.js';
export { type ExportDetectorOptions, exportDetector } from './detection/export-detector.js';
export { type FitAnchorsOptions, type FittedAnchors, fitAnchors } from './detection/fit-anchors.js';
export { type MatchOptions, matchAnchors } from './detection/match-anchors.js';
export { type RetinaLossOptions, retinaLoss } from './detection/retina-loss.js';
export { type SsdLossOptions, ssdLoss } from './detection/ssd-loss.js';
export { type DifferentiateOptions, differentiate } from './differentiate.js';
export type {
  EngineModel,
  EngineOptions,
  NonFiniteTensor,
  StepRequest,
  StepResult,
  TrainingEngine,
} from './engine.js';
export type { BestEpoch, EpochRecord } from './epoch-record.js';
export { evaluate } from './evaluation/evaluate.js';
export type { EvaluateOptions, SliceOf } from './evaluation/evaluate-options.js';
export type {
  ClassificationEvaluation,
  ClassificationMistake,
  DetectionEvaluation,
  DetectionMistake,
  Evaluation,
  EvaluationSlice,
  Evaluations,
  EvaluationTask,
  Mistake,
  MultilabelEvaluation,
  MultilabelMistake,
  RegressionEvaluation,
  RegressionMistake,
  RetrievalEvaluation,
  RetrievalMistake,
  SegmentationEvaluation,
  SegmentationMistake,
} from './evaluation/evaluation.js';
export { type EvaluationCallbackOptions, evaluationCallback } from './evaluation/evaluation-callback.js';
export {
  type ConfusionPlotSpec,
  confusionPlot,
  type EvaluationPage,
  type EvaluationPageOptions,
  type EvaluationSection,
  evaluationPage,
  type ReliabilityPlotSpec,
  reliabilityPlot,
} from './evaluation/evaluation-page.js';
export {
  type MistakePicture,
  type MistakePicturesOptions,
  mistakePictures,
  type PictureOf,
} from './evaluation/mistake-pictures.js';
export { findLearningRate } from './find-learning-rate.js';
export { type LearningCurveSpec, learningCurves } from './learning-curves.js';
export {
  type ArcFaceOptions,
  arcFace,
  type BceWithLogitsOptions,
  bceWithLogits,
  type ClassTargets,
  type ContrastiveOptions,
  type CrossEntropyOptions,
  contrastive,
  crossEntropy,
  type DiceOptions,
  type DistillationOptions,
  dice,
  distillation,
  distillationTargets,
  type EmittedLoss,
  type HuberOptions,
  huber,
  type Loss,
  type LossTargets,
  l1,
  mse,
  type Reduction,
  type RegressionOptions,
  type SigmoidFocalOptions,
  type SmoothL1Options,
  type SoftmaxFocalOptions,
  sigmoidFocal,
  smoothL1,
  softmaxFocal,
  type TripletMarginOptions,
  tripletMargin,
} from './losses.js';
export type { LoweringChoices } from './lowerings/lowering-choices.js';
export { type TuneOptions, tuneLowerings } from './lowerings/tune-lowerings.js';
export { type ExportInferenceOptions, exportInference } from './models/export-inference.js';
export type { FinalActivation } from './models/final-activation.js';
export { type FreezeOptions, type Freezing, freeze } from './models/freeze.js';
export { type FromOnnxOptions, fromOnnx } from './models/from-onnx.js';
export { headParameters } from './models/head.js';
export { type LayerGroupsOptions, layerGroups } from './models/layer-groups.js';
export type { NamePattern } from './models/name-pattern.js';
export { type ReplaceHeadOptions, replaceHead } from './models/replace-head.js';
export type { EarlyStopping, Monitor } from './monitor.js';
export { type AdagradOptions, adagrad } from './optimizers/adagrad.js';
export { type AdamOptions, adam } from './optimizers/adam.js';
export { type AdamwOptions, adamw } from './optimizers/adamw.js';
export { chain } from './optimizers/chain.js';
export { type AdaptiveClipOptions, adaptiveClip, clipByGlobalNorm, clipByValue } from './optimizers/clipping.js';
export { type LambOptions, lamb } from './optimizers/lamb.js';
export { type LionOptions, lion } from './optimizers/lion.js';
export type { ParameterGroup, ParameterOptions, PerParameter } from './optimizers/parameter-groups.js';
export { type RmspropOptions, rmsprop } from './optimizers/rmsprop.js';
export { type SgdOptions, sgd } from './optimizers/sgd.js';
export type {
  EmittedTransformation,
  Optimizer,
  SharedContext,
  Transformation,
  TransformationContext,
} from './optimizers/transformation.js';
export {
  addDecayedWeights,
  type ScaleByAdamOptions,
  scaleByAdagrad,
  scaleByAdam,
  scaleByLearningRate,
  scaleByLion,
  scaleByRms,
  scaleByTrustRatio,
  type TraceOptions,
  trace,
} from './optimizers/transformations.js';
export { type EmaOptions, emaWeights, type SwaOptions, swaWeights } from './optimizers/weight-average.js';
export type { LearningRateFinding, RangeTestOptions, RatePlotSpec } from './range-test.js';
export {
  type CosineAnnealingLROptions,
  type CosineAnnealingWarmRestartsOptions,
  chainedLR,
  constantLR,
  cosineAnnealingLR,
  cosineAnnealingWarmRestarts,
  type ExponentialLROptions,
  exponentialLR,
  type LinearLROptions,
  linearLR,
  type MultiStepLROptions,
  multiStepLR,
  type OneCycleLROptions,
  oneCycleLR,
  type PolynomialLROptions,
  polynomialLR,
  type ReduceLROnPlateauOptions,
  reduceLROnPlateau,
  type Schedule,
  type SchedulePosition,
  type ScheduleUnit,
  type SequentialLROptions,
  type StepLROptions,
  sequentialLR,
  stepLR,
  type UnitOption,
  type WarmUpOptions,
  warmUp,
} from './schedules.js';
export { StepBuilder } from './step-builder.js';
export { Trainer } from './trainer.js';
export type { BestOptions, CheckpointOptions, TrainerOptions } from './trainer-options.js';
export type { TrainResult } from './training-run.js';
