import type { PreprocessSpec, PreprocessType } from '@percept/core';

/** A model of the collection, how it sees, and what it got right when its figures were taken. */
export interface ZooModel {
  /** Path below `models/`. */
  readonly path: string;
  readonly spec: PreprocessSpec<PreprocessType>;
  /**
   * Whether an answer is right that shares the highest score with a later class, as argmax has it, or wrong. 8-bit models
   * give equal scores often; the record counts them for CIFAR-10 and not for photos.
   */
  readonly ties: 'right' | 'wrong';
  /** Images at once: 1 for a model whose batch size is fixed. */
  readonly batch: number;
}

const imagenetMean = [0.485, 0.456, 0.406];
const imagenetStd = [0.229, 0.224, 0.225];
const crop = { width: 224, height: 224 };
const published: PreprocessSpec = { color: 'rgb', scale: 1 / 255, mean: imagenetMean, std: imagenetStd };
const raw: PreprocessSpec = { color: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
const caffe: PreprocessSpec = { color: 'bgr', crop, scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] };
const tensorflow: PreprocessSpec = { color: 'rgb', crop, scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] };

/** Models of 32 × 32 images. */
export const cifarModels: readonly ZooModel[] = [
  { path: 'cifar10/cifar10_resnet20.onnx', spec: published, ties: 'right', batch: 100 },
  { path: 'cifar10/cifar10_resnet56.onnx', spec: published, ties: 'right', batch: 100 },
  { path: 'cifar10/mlperf_tiny_resnet8_fp32.onnx', spec: raw, ties: 'right', batch: 100 },
  { path: 'cifar10/mlperf_tiny_resnet8_int8_qdq.onnx', spec: raw, ties: 'right', batch: 100 },
];

/** Those whose answers to JPEG files of 32 × 32 are on record. */
export const jpegCifarModels = cifarModels.slice(0, 2);

/** Models of photos: the centre 224 × 224 of one whose shorter side is 256. */
export const photoModels: readonly ZooModel[] = [
  { path: 'imagenet/squeezenet_fp32.onnx', spec: caffe, ties: 'wrong', batch: 10 },
  { path: 'imagenet/squeezenet_fp16.onnx', spec: { ...caffe, dtype: 'float16' }, ties: 'wrong', batch: 1 },
  { path: 'imagenet/mobilenetv2_1.0_224_fp32.onnx', spec: tensorflow, ties: 'wrong', batch: 10 },
  { path: 'imagenet/mobilenetv2_1.0_224_int8_qdq.onnx', spec: tensorflow, ties: 'wrong', batch: 10 },
];
