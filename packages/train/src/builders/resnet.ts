import { parseOptions } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { type ClassifierOptions, classifierSchema } from './classifier-options.js';
import { type Initialize, keyedInitialization } from './initialization.js';
import { Network } from './network.js';

/** Options of {@link resnet18}, {@link resnet34} and {@link resnet50}. */
export interface ResnetOptions extends ClassifierOptions {
  /**
   * How the image comes in: `imagenet` is a 7×7 convolution of stride 2 and max pooling, which make the map 16 times
   * smaller in area; `cifar`, for images of about 32 pixels, a 3×3 convolution of stride 1 alone. Default `imagenet`.
   */
  stem?: 'imagenet' | 'cifar';
}

const schema = classifierSchema.extend({ stem: z.enum(['imagenet', 'cifar']).optional() });

type Architecture = Required<Omit<ResnetOptions, 'seed'>>;
type Variant = 'resnet18' | 'resnet34' | 'resnet50';

const blocks: Readonly<Record<Variant, readonly number[]>> = {
  resnet18: [2, 2, 2, 2],
  resnet34: [3, 4, 6, 3],
  resnet50: [3, 4, 6, 3],
};

/**
 * ResNet-18 (He et al. 2016, arXiv:1512.03385), as `torchvision.models.resnet18`. 11,689,512 parameters with 1000 classes.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function resnet18(options: ResnetOptions): Model {
  return build('resnet18', options);
}

/**
 * ResNet-34 (He et al. 2016, arXiv:1512.03385), as `torchvision.models.resnet34`. 21,797,672 parameters with 1000 classes.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function resnet34(options: ResnetOptions): Model {
  return build('resnet34', options);
}

/**
 * ResNet-50 (He et al. 2016, arXiv:1512.03385; strides in the 3×3 convolutions), as `torchvision.models.resnet50`.
 * 25,557,032 parameters with 1000 classes.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function resnet50(options: ResnetOptions): Model {
  return build('resnet50', options);
}

function build(variant: Variant, options: ResnetOptions): Model {
  const {
    classes,
    channels = 3,
    size = 224,
    seed = 0,
    stem = 'imagenet',
  } = parseOptions(schema, options, `${variant}() options`);
  return resnet(variant, { classes, channels, size, stem }, keyedInitialization(seed));
}

/** The graph of a ResNet, filled by `initialize`. */
export function resnet(variant: Variant, options: Architecture, initialize: Initialize): Model {
  const { classes, channels, size, stem } = options;
  const net = new Network(variant, initialize);
  const image = net.g.input('input', 'float32', ['N', channels, size, size]);
  const first =
    stem === 'imagenet'
      ? net.conv(image, 'conv1', { from: channels, to: 64, kernel: 7, stride: 2 })
      : net.conv(image, 'conv1', { from: channels, to: 64, kernel: 3 });
  let x = net.relu(net.batchNorm(first, 'bn1', 64));
  if (stem === 'imagenet') {
    x = net.g.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  }
  const block = variant === 'resnet50' ? bottleneckBlock : basicBlock;
  const widening = variant === 'resnet50' ? 4 : 1;
  let from = 64;
  for (const [stage, count] of blocks[variant].entries()) {
    const width = 64 * 2 ** stage;
    for (let index = 0; index < count; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      x = block(net, x, `layer${stage + 1}.${index}`, { from, width, to: width * widening, stride });
      from = width * widening;
    }
  }
  const features = net.flatten(net.globalAverage(x));
  return net.classifier(net.linear(features, 'fc', { from, to: classes, output: 'logits' }), classes);
}

interface Block {
  readonly from: number;
  readonly width: number;
  readonly to: number;
  readonly stride: number;
}

function basicBlock(net: Network, x: string, name: string, { from, width, to, stride }: Block): string {
  const inner = net.conv(x, `${name}.conv1`, { from, to: width, kernel: 3, stride });
  const middle = net.relu(net.batchNorm(inner, `${name}.bn1`, width));
  const outer = net.conv(middle, `${name}.conv2`, { from: width, to, kernel: 3 });
  return join(net, x, net.batchNorm(outer, `${name}.bn2`, to), name, { from, width, to, stride });
}

function bottleneckBlock(net: Network, x: string, name: string, { from, width, to, stride }: Block): string {
  const narrow = net.relu(net.batchNorm(net.conv(x, `${name}.conv1`, { from, to: width }), `${name}.bn1`, width));
  const spatial = net.conv(narrow, `${name}.conv2`, { from: width, to: width, kernel: 3, stride });
  const middle = net.relu(net.batchNorm(spatial, `${name}.bn2`, width));
  const wide = net.batchNorm(net.conv(middle, `${name}.conv3`, { from: width, to }), `${name}.bn3`, to);
  return join(net, x, wide, name, { from, width, to, stride });
}

function join(net: Network, x: string, residual: string, name: string, { from, to, stride }: Block): string {
  const isSame = stride === 1 && from === to;
  const shortcut = isSame
    ? x
    : net.batchNorm(net.conv(x, `${name}.downsample.0`, { from, to, stride }), `${name}.downsample.1`, to);
  return net.relu(net.add(residual, shortcut));
}
