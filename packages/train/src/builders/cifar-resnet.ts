import { parseOptions, tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { type ClassifierOptions, classifierSchema } from './classifier-options.js';
import { type Initialize, keyedInitialization } from './initialization.js';
import { Network } from './network.js';

/** Options of {@link cifarResnet}. */
export interface CifarResnetOptions extends ClassifierOptions {
  /** Number of layers with weights. The paper's are 20, 32, 44 and 56; any 6n + 2. Default 20. */
  depth?: number;
  /** Height and width of the image in pixels. Default 32. */
  size?: number;
}

const schema = classifierSchema.extend({
  depth: z
    .int()
    .min(8)
    .refine((depth) => depth % 6 === 2, '6n + 2')
    .optional(),
});

/**
 * The ResNets for CIFAR-10 (He et al. 2016, arXiv:1512.03385, §4.2): 3×3 convolutions in three stages of 16, 32 and 64
 * channels; shortcuts without parameters, which take every second pixel and fill new channels with zeros. With 10
 * classes 269,722 parameters at depth 20, 464,154 at 32, 658,586 at 44, 853,018 at 56.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function cifarResnet(options: CifarResnetOptions): Model {
  const parsed = parseOptions(schema, options, 'cifarResnet() options');
  const { classes, depth = 20, channels = 3, size = 32, seed = 0 } = parsed;
  return cifarResnetGraph({ classes, depth, channels, size }, keyedInitialization(seed));
}

/** The graph of a ResNet for CIFAR, filled by `initialize`. */
export function cifarResnetGraph(
  { classes, depth, channels, size }: Required<Omit<CifarResnetOptions, 'seed'>>,
  initialize: Initialize,
): Model {
  const net = new Network(`resnet${depth}`, initialize);
  const image = net.g.input('input', 'float32', ['N', channels, size, size]);
  let x = net.relu(net.batchNorm(net.conv(image, 'conv1', { from: channels, to: 16, kernel: 3 }), 'bn1', 16));
  let from = 16;
  for (let stage = 0; stage < 3; stage++) {
    const to = 16 * 2 ** stage;
    for (let index = 0; index < (depth - 2) / 6; index++) {
      const name = `layer${stage + 1}.${index}`;
      const stride = from === to ? 1 : 2;
      const inner = net.conv(x, `${name}.conv1`, { from, to, kernel: 3, stride });
      const middle = net.relu(net.batchNorm(inner, `${name}.bn1`, to));
      const outer = net.batchNorm(net.conv(middle, `${name}.conv2`, { from: to, to, kernel: 3 }), `${name}.bn2`, to);
      x = net.relu(net.add(outer, from === to ? x : shortcut(net, x, to - from)));
      from = to;
    }
  }
  const features = net.flatten(net.globalAverage(x));
  return net.classifier(net.linear(features, 'fc', { from, to: classes, output: 'logits' }), classes);
}

/** Every second pixel, and so many new channels of zeros, half of them before the others. */
function shortcut({ g }: Network, x: string, channels: number): string {
  const ints = (values: readonly number[]): string => g.constant(tensor('int64', [values.length], values), 'setting');
  const end = Number.MAX_SAFE_INTEGER;
  const sampled = g.node('Slice', [x, ints([0, 0]), ints([end, end]), ints([2, 3]), ints([2, 2])]);
  return g.node('Pad', [sampled, ints([0, channels / 2, 0, 0, 0, channels / 2, 0, 0])]);
}
