import type { Model } from '@percept/onnx';
import { assertValidModel } from '@percept/onnx/graph';
import type { TfLayersModel } from './tensor-flow-module.js';
import { convertModel } from './to-onnx/convert-model.js';
import { weightValues } from './weight-values.js';

/**
 * Converts a LayersModel to ONNX (operator set 17). Images are `[N, C, H, W]` there, whatever the layers have, and so are
 * weights: no Transpose is left between layers for images. Inputs and outputs are called `input` and `output`, of models with
 * several of them as the input layers and `output_0`, `output_1`, …; weights have their names in the LayersModel.
 *
 * For images, vectors and sequences: Dense, Conv2D, DepthwiseConv2D, SeparableConv2D, Conv2DTranspose, BatchNormalization,
 * all activations, 2-D and global pooling, padding, cropping, upsampling, merging, Reshape, Flatten, Permute, Rescaling; layers
 * that do nothing in use (Dropout, noise) are left out. Shared layers and nested models are fine.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED`, naming the layer, for one without counterpart
 */
export async function layersModelToOnnx(layersModel: TfLayersModel): Promise<Model> {
  const { model } = convertModel(layersModel, await weightValues(layersModel));
  assertValidModel(model);
  return model;
}
