export { loadExternalData, openModel } from '../external/open-model.js';
export {
  type ExternalTensor,
  externalTensors,
  readExternalData,
  streamExternalData,
  verifyExternalData,
} from '../external/read.js';
export { type SavedModel, type SaveModelOptions, saveModel } from '../external/save-model.js';
export { type LoadedModel, type LoadModelOptions, loadModel, type ModelCacheOptions } from './load-model.js';
export type { ConnectOptions, ModelRef } from './model-ref.js';
