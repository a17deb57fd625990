import { parseOptions } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { withStochasticDepth } from '../dropout-nodes.js';
import { type DropoutOptions, dropoutSchema, withDropoutDefaults } from './classifier-options.js';
import { type Initialize, keyedInitialization, uniform } from './initialization.js';
import { type ConvLayer, Network, zeros } from './network.js';

/** Options of {@link efficientnetB0}. */
export interface EfficientNetOptions extends DropoutOptions {
  /** What the share of images that skip a residual block while training grows towards, from 0 at the first block; 0 ≤ x < 1. Default 0.2. */
  stochasticDepth?: number;
}

const schema = dropoutSchema.extend({ stochasticDepth: z.number().min(0).lt(1).optional() });

/** Table 1 of the paper. */
const stages: readonly (readonly [expansion: number, kernel: number, stride: number, to: number, count: number])[] = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
];

/**
 * EfficientNet-B0 (Tan and Le 2019, arXiv:1905.11946), as `torchvision.models.efficientnet_b0`.
 * 5,288,548 parameters with 1000 classes. Dropout 0.2 before the classifier by default, and stochastic
 * depth (Huang et al. 2016, arXiv:1603.09382; mode row) up to 0.2: its ratio grows from block to block. In the model these
 * are Dropouts, which pass everything on in use; metadata names those that drop whole images while training.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function efficientnetB0(options: EfficientNetOptions): Model {
  const given = parseOptions(schema, options, 'efficientnetB0() options');
  const { stochasticDepth = 0.2 } = given;
  const { seed, ...architecture } = withDropoutDefaults(given, 0.2);
  return efficientnetB0Graph({ ...architecture, stochasticDepth }, keyedInitialization(seed));
}

/** The graph of an EfficientNet-B0, filled by `initialize`. */
export function efficientnetB0Graph(
  {
    classes,
    channels,
    size,
    dropout,
    stochasticDepth = 0,
  }: Required<Omit<DropoutOptions, 'seed'>> & { stochasticDepth?: number },
  initialize: Initialize,
): Model {
  const net = new Network('efficientnetB0', initialize);
  const image = net.g.input('input', 'float32', ['N', channels, size, size]);
  const block = (x: string, name: string, layer: ConvLayer): string =>
    net.silu(net.batchNorm(net.conv(x, `${name}.0`, layer), `${name}.1`, layer.to));

  let x = block(image, 'features.0', { from: channels, to: 32, kernel: 3, stride: 2 });
  const count = stages.reduce((sum, [, , , , blocks]) => sum + blocks, 0);
  const dropped: string[] = [];
  let from = 32;
  let done = 0;
  for (const [stage, [expansion, kernel, firstStride, to, blocks]] of stages.entries()) {
    for (let index = 0; index < blocks; index++) {
      const name = `features.${stage + 1}.${index}.block`;
      const stride = index === 0 ? firstStride : 1;
      const width = from * expansion;
      let at = 0;
      const expanded = expansion === 1 ? x : block(x, `${name}.${at++}`, { from, to: width });
      const depthwise = block(expanded, `${name}.${at++}`, { from: width, to: width, kernel, stride, groups: width });
      const scaled = squeezeExcitation(net, depthwise, `${name}.${at++}`, width, from / 4);
      const narrow = net.batchNorm(net.conv(scaled, `${name}.${at}.0`, { from: width, to }), `${name}.${at}.1`, to);
      const ratio = (stochasticDepth * done++) / count;
      if (stride === 1 && from === to) {
        const depth = `features.${stage + 1}.${index}.stochastic_depth`;
        if (ratio > 0) dropped.push(depth);
        x = net.add(net.dropout(narrow, ratio, depth), x);
      } else x = narrow;
      from = to;
    }
  }
  x = block(x, 'features.8', { from, to: 4 * from });
  const features = net.dropout(net.flatten(net.globalAverage(x)), dropout);
  const weight = () => uniform(1 / Math.sqrt(classes));
  const head = { from: 4 * from, to: classes, weight, bias: zeros, output: 'logits' };
  const model = net.classifier(net.linear(features, 'classifier.1', head), classes);
  return { ...model, metadata: withStochasticDepth(model.metadata, dropped) };
}

function squeezeExcitation(net: Network, x: string, name: string, channels: number, squeezed: number): string {
  const inner = net.conv(net.globalAverage(x), `${name}.fc1`, { from: channels, to: squeezed, bias: zeros });
  const outer = net.conv(net.silu(inner), `${name}.fc2`, { from: squeezed, to: channels, bias: zeros });
  return net.g.node('Mul', [x, net.sigmoid(outer)]);
}
