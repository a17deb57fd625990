export { createApp } from './create-app.node.js';
export type { AppLimits, AppOptions, ExampleImage } from './http/app-options.js';
export type { FetchImage } from './http/uploaded-image.js';
export { type Listening, type ListenOptions, listen } from './listen.js';
export type { ModelAddress, ModelBytes, ModelSource } from './model/source.js';
export type {
  ClassScore,
  Prediction,
  PredictionTimings,
  Predictor,
  PredictorEvent,
  PredictorHealth,
  ReloadResult,
  ServedModel,
} from './prediction.js';
export { createPredictor, type PredictorOptions } from './predictor.js';
