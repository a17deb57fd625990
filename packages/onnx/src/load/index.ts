export { type LoadedModel, type LoadModelOptions, loadModel, type ModelCacheOptions } from './load-model.js';
export type { ConnectOptions, ModelRef } from './model-ref.js';
