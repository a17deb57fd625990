import { parseOptions } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import * as z from 'zod';
import { convBatchNorm, type LayerContext, linear, maxPool, relu } from './layers.js';

/** Options of {@link smallCnn}. */
export interface SmallCnnOptions {
  /** Number of classes, at least 2. */
  classes: number;
  /** Channels of the image: 1 grey, 3 colour. Default 1. */
  channels?: number;
  /** Height and width of the image, a multiple of 4. Default 28. */
  size?: number;
  /** Channels of the first convolution; the second has twice, the hidden layer five times as many. Default 32. */
  width?: number;
  /** The same seed gives the same weights, bit for bit. Default 0. */
  seed?: number;
}

const schema = z.strictObject({
  classes: z.int().min(2),
  channels: z.int().min(1).optional(),
  size: z.int().min(4).multipleOf(4).optional(),
  width: z.int().min(1).optional(),
  seed: z.int().optional(),
});

/**
 * A small convolutional network for small images: twice convolution, batch normalization, ReLU and max pooling, then a
 * hidden layer. 522,442 parameters at the default sizes with 10 classes.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function smallCnn(options: SmallCnnOptions): Model {
  const parsed = parseOptions(schema, options, 'smallCnn() options');
  const { classes, channels = 1, size = 28, width = 32, seed = 0 } = parsed;
  const g = new GraphBuilder('smallCnn');
  const layers: LayerContext = { g, seed };
  const image = g.input('input', 'float32', ['N', channels, size, size]);
  const first = maxPool(
    layers,
    relu(layers, convBatchNorm(layers, image, { name: 'conv1', from: channels, to: width })),
  );
  const second = convBatchNorm(layers, first, { name: 'conv2', from: width, to: 2 * width });
  const features = g.node('Flatten', [maxPool(layers, relu(layers, second))]);
  const from = 2 * width * (size / 4) ** 2;
  const hidden = relu(layers, linear(layers, features, { name: 'hidden', from, to: 5 * width }));
  const logits = linear(layers, hidden, { name: 'classifier', from: 5 * width, to: classes, outputs: ['logits'] });
  g.output(logits, 'float32', ['N', classes]);
  return g.build();
}
