export { toGray, toRgb } from './color.js';
export { decodeImage } from './decode.node.js';
export type { DecodeDepth, DecodedData, DecodeOptions, JpegDecoder } from './decode-options.js';
export { encodeImage } from './encode.node.js';
export type { EncodeOptions } from './encode-options.js';
export { cropImage, flipImage, rotate90Image } from './geometry.js';
export type { ImageFormat } from './headers/header.js';
export { requireUint8Image } from './pixels.js';
export { preprocess } from './preprocess.node.js';
export type { Preprocess, PreprocessOptions } from './preprocess-bytes.js';
export {
  type CoordinateMap,
  forwardMap,
  inverseMap,
  type MapBoxesOptions,
  type MapMaskOptions,
} from './preprocess-map.js';
export { outputSize, parsePreprocessSpec } from './preprocess-spec.js';
export { preprocessBatch, preprocessInto } from './preprocess-tensor.js';
export { caffePreset, plainPreset, tensorflowPreset, torchvisionPreset } from './presets.js';
export { type ImageInfo, probeImage } from './probe.js';
export { resizeImage } from './resize.js';
