import { parseOptions } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import * as z from 'zod';
import { convBatchNorm, type LayerContext, linear, maxPool, relu } from './layers.js';

/** Options of {@link cnn35}. */
export interface Cnn35Options {
  /** Number of classes, at least 2. */
  classes: number;
  /** Channels of the image: 1 grey, 3 colour. Default 3. */
  channels?: number;
  /** The same seed gives the same weights, bit for bit. Default 0. */
  seed?: number;
}

const schema = z.strictObject({
  classes: z.int().min(2),
  channels: z.int().min(1).optional(),
  seed: z.int().optional(),
});

/**
 * A convolutional network for images of 35×35 pixels: three convolutions with pooling between them, a residual block (He
 * et al. 2016, arXiv:1512.03385) and global average pooling. 241,442 parameters with 2 classes.
 *
 * @returns a model with input `input` `[N, channels, 35, 35]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function cnn35(options: Cnn35Options): Model {
  const { classes, channels = 3, seed = 0 } = parseOptions(schema, options, 'cnn35() options');
  const g = new GraphBuilder('cnn35');
  const layers: LayerContext = { g, seed };
  const image = g.input('input', 'float32', ['N', channels, 35, 35]);
  const block = (x: string, name: string, from: number, to: number): string =>
    relu(layers, convBatchNorm(layers, x, { name, from, to }));

  const coarse = maxPool(layers, block(image, 'conv1', channels, 32));
  const middle = maxPool(layers, block(coarse, 'conv2', 32, 64));
  const fine = maxPool(layers, block(middle, 'conv3', 64, 96));
  const inner = block(fine, 'residual1', 96, 96);
  const outer = convBatchNorm(layers, inner, { name: 'residual2', from: 96, to: 96 });
  const joined = relu(layers, g.node('Add', [fine, outer]));
  const features = g.node('Flatten', [g.node('GlobalAveragePool', [joined])]);
  g.output(linear(layers, features, { name: 'classifier', from: 96, to: classes, outputs: ['logits'] }), 'float32', [
    'N',
    classes,
  ]);
  return g.build();
}
