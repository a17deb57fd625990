import type { Model } from '@percept/onnx';
import { type DropoutOptions, dropoutOptions } from './classifier-options.js';
import { type Initialize, keyedInitialization, normal } from './initialization.js';
import { type ConvLayer, Network, zeros } from './network.js';

/** Expansion, channels, blocks and stride of every stage: table 2 of the paper. */
const stages: readonly (readonly [expansion: number, to: number, count: number, stride: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/**
 * MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381), as `torchvision.models.mobilenet_v2`. 3,504,872 parameters with
 * 1000 classes. Dropout 0.2 before the classifier by default.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function mobilenetV2(options: DropoutOptions): Model {
  const { seed, ...architecture } = dropoutOptions(options, 'mobilenetV2', 0.2);
  return mobilenetV2Graph(architecture, keyedInitialization(seed));
}

/** The graph of a MobileNetV2, filled by `initialize`. */
export function mobilenetV2Graph(
  { classes, channels, size, dropout }: Required<Omit<DropoutOptions, 'seed'>>,
  initialize: Initialize,
): Model {
  const net = new Network('mobilenetV2', initialize);
  const image = net.g.input('input', 'float32', ['N', channels, size, size]);
  const block = (x: string, name: string, layer: ConvLayer): string =>
    net.relu6(net.batchNorm(net.conv(x, `${name}.0`, layer), `${name}.1`, layer.to));

  let x = block(image, 'features.0', { from: channels, to: 32, kernel: 3, stride: 2 });
  let from = 32;
  let feature = 1;
  for (const [expansion, to, count, firstStride] of stages) {
    for (let index = 0; index < count; index++) {
      const name = `features.${feature++}.conv`;
      const stride = index === 0 ? firstStride : 1;
      const width = from * expansion;
      let at = 0;
      const expanded = expansion === 1 ? x : block(x, `${name}.${at++}`, { from, to: width });
      const depthwise = block(expanded, `${name}.${at++}`, {
        from: width,
        to: width,
        kernel: 3,
        stride,
        groups: width,
      });
      const narrow = net.batchNorm(net.conv(depthwise, `${name}.${at++}`, { from: width, to }), `${name}.${at}`, to);
      x = stride === 1 && from === to ? net.add(x, narrow) : narrow;
      from = to;
    }
  }
  x = block(x, 'features.18', { from, to: 1280 });
  const features = net.dropout(net.flatten(net.globalAverage(x)), dropout);
  const head = { from: 1280, to: classes, weight: () => normal(0.01), bias: zeros, output: 'logits' };
  return net.classifier(net.linear(features, 'classifier.1', head), classes);
}
