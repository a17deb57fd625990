export { type CifarResnetOptions, cifarResnet } from './builders/cifar-resnet.js';
export type { ClassifierOptions, DropoutOptions } from './builders/classifier-options.js';
export { type Cnn35Options, cnn35 } from './builders/cnn35.js';
export { efficientnetB0 } from './builders/efficientnet.js';
export { mobilenetV2 } from './builders/mobilenet-v2.js';
export { mobilenetV3Large, mobilenetV3Small } from './builders/mobilenet-v3.js';
export { type ResnetOptions, resnet18, resnet34, resnet50 } from './builders/resnet.js';
export { type SmallCnnOptions, smallCnn } from './builders/small-cnn.js';
export { squeezenet } from './builders/squeezenet.js';
export { type VitOptions, vitTiny } from './builders/vit.js';
export { type DifferentiateOptions, differentiate } from './differentiate.js';
export { type EvaluateOptions, evaluate } from './evaluate.js';
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
export { type AdamOptions, adam } from './optimizers/adam.js';
export { chain } from './optimizers/chain.js';
export { type SgdOptions, sgd } from './optimizers/sgd.js';
export type {
  EmittedTransformation,
  Optimizer,
  Transformation,
  TransformationContext,
} from './optimizers/transformation.js';
export { addDecayedWeights, scaleByAdam, scaleByLearningRate, trace } from './optimizers/transformations.js';
export { constantLR, type Schedule, type SchedulePosition, type StepLROptions, stepLR } from './schedules.js';
export { StepBuilder } from './step-builder.js';
