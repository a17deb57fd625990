export { type BoxFormat, boxIou, convertBoxes, nonMaximumSuppression } from './boxes.js';
export { concatBytes, sha256Digest, toHex } from './bytes.js';
export type {
  Batch,
  BatchSource,
  Correction,
  Distribution,
  FeedbackSink,
  Lineage,
  ModelResolver,
  MonitorReport,
  PredictionEvent,
  PredictionObserver,
  PropertyDrift,
  ReferenceProfile,
  ResolvedModel,
  Sample,
  SampleSource,
  ShardSink,
  Tracker,
} from './contracts.js';
export { describeValue, isPerceptError, PerceptError, type PerceptErrorOptions } from './errors.js';
export { float16ToFloat32, float32ToFloat16 } from './float16.js';
export type { Image, ImageData, PreprocessSpec, PreprocessType, ResizeFilter, ResizeQuality } from './image.js';
export { parseOptions } from './options.js';
export { type KeyedPermutation, keyedPermutation } from './permutation.js';
export { type LongCallOptions, type OnProgress, type Progress, throwIfAborted } from './progress.js';
export { keyedRandom, type Random, randomVersion } from './random.js';
export { type RandomKey, type RandomPathPart, randomKey } from './random-key.js';
export {
  bytesPerElement,
  elementCount,
  type Tensor,
  type TensorDataTypes,
  type TensorType,
  tensor,
  tensorData,
} from './tensor.js';
