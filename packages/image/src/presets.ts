import { type PreprocessSpec, parseOptions } from '@percept/core';
import * as z from 'zod/mini';

const sideSchema = z.int().check(z.gte(1), z.lte(65_535));

/**
 * How torchvision's ImageNet classifiers see: the shorter side to `size` × 256/224, centre crop of `size`, RGB in 0..1
 * less the ImageNet mean, by its standard deviation (torchvision `ImageClassification` preset).
 *
 * @param size - side of the square input in pixels, default 224
 */
export function torchvisionPreset(size = 224): PreprocessSpec {
  parseOptions(sideSchema, size, 'size');
  return {
    color: 'rgb',
    resize: { mode: 'shorter-side', size: Math.round((size * 256) / 224), filter: 'bilinear' },
    crop: { width: size, height: size },
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  };
}

/**
 * How MobileNets and other TensorFlow models see: RGB squeezed to `size` × `size`, values in -1..1 (Keras
 * `preprocess_input` of mode `tf`).
 *
 * @param size - side of the square input in pixels, default 224
 */
export function tensorflowPreset(size = 224): PreprocessSpec {
  parseOptions(sideSchema, size, 'size');
  return {
    color: 'rgb',
    resize: { mode: 'exact', width: size, height: size, filter: 'bilinear' },
    scale: 1 / 127.5,
    mean: [1, 1, 1],
    std: [1, 1, 1],
  };
}

/**
 * How Caffe's ImageNet models see: BGR squeezed to `size` × `size`, 0..255 less the mean pixel (Keras `preprocess_input`
 * of mode `caffe`).
 *
 * @param size - side of the square input in pixels, default 224
 */
export function caffePreset(size = 224): PreprocessSpec {
  parseOptions(sideSchema, size, 'size');
  return {
    color: 'bgr',
    resize: { mode: 'exact', width: size, height: size, filter: 'bilinear' },
    scale: 1,
    mean: [103.939, 116.779, 123.68],
    std: [1, 1, 1],
  };
}

const plainSchema = z.strictObject({ width: sideSchema, height: sideSchema, color: z.enum(['gray', 'rgb', 'bgr']) });

/** Squeezes to `width` × `height` pixels, values in 0..1, no mean or standard deviation. */
export function plainPreset(options: {
  readonly width: number;
  readonly height: number;
  readonly color: PreprocessSpec['color'];
}): PreprocessSpec {
  const { width, height, color } = parseOptions(plainSchema, options, 'plainPreset() options');
  const each = (value: number): number[] => new Array<number>(color === 'gray' ? 1 : 3).fill(value);
  return {
    color,
    resize: { mode: 'exact', width, height, filter: 'bilinear' },
    scale: 1 / 255,
    mean: each(0),
    std: each(1),
  };
}
