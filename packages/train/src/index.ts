export { type Cnn35Options, cnn35 } from './builders/cnn35.js';
export { type SmallCnnOptions, smallCnn } from './builders/small-cnn.js';
export { type DifferentiateOptions, differentiate } from './differentiate.js';
export { type EvaluateOptions, evaluate } from './evaluate.js';
export { type CrossEntropyOptions, crossEntropy, type EmittedLoss, type Loss } from './losses.js';
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
