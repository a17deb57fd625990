export type { EngineModel } from '../engine.js';
export { type FromLayersModelOptions, fromLayersModel } from './from-layers-model.js';
export { layersModelToOnnx } from './layers-model-to-onnx.js';
export { loadOnnxWeights } from './load-onnx-weights.js';
export type {
  TensorFlow,
  TensorFlowModule,
  TfLayer,
  TfLayerNode,
  TfLayersModel,
  TfLayerVariable,
  TfSymbolicTensor,
  TfTensor,
} from './tensor-flow-module.js';
