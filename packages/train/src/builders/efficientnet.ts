import type { Model } from '@percept/onnx';
import { type DropoutOptions, dropoutOptions } from './classifier-options.js';
import { type Initialize, keyedInitialization, uniform } from './initialization.js';
import { type ConvLayer, Network, zeros } from './network.js';

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
 * EfficientNet-B0 (Tan and Le 2019, arXiv:1905.11946), as `torchvision.models.efficientnet_b0` without stochastic depth.
 * 5,288,548 parameters with 1000 classes. Dropout 0.2 before the classifier by default.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function efficientnetB0(options: DropoutOptions): Model {
  const { seed, ...architecture } = dropoutOptions(options, 'efficientnetB0', 0.2);
  return efficientnetB0Graph(architecture, keyedInitialization(seed));
}

/** The graph of an EfficientNet-B0, filled by `initialize`. */
export function efficientnetB0Graph(
  { classes, channels, size, dropout }: Required<Omit<DropoutOptions, 'seed'>>,
  initialize: Initialize,
): Model {
  const net = new Network('efficientnetB0', initialize);
  const image = net.g.input('input', 'float32', ['N', channels, size, size]);
  const block = (x: string, name: string, layer: ConvLayer): string =>
    net.silu(net.batchNorm(net.conv(x, `${name}.0`, layer), `${name}.1`, layer.to));

  let x = block(image, 'features.0', { from: channels, to: 32, kernel: 3, stride: 2 });
  let from = 32;
  for (const [stage, [expansion, kernel, firstStride, to, count]] of stages.entries()) {
    for (let index = 0; index < count; index++) {
      const name = `features.${stage + 1}.${index}.block`;
      const stride = index === 0 ? firstStride : 1;
      const width = from * expansion;
      let at = 0;
      const expanded = expansion === 1 ? x : block(x, `${name}.${at++}`, { from, to: width });
      const depthwise = block(expanded, `${name}.${at++}`, { from: width, to: width, kernel, stride, groups: width });
      const scaled = squeezeExcitation(net, depthwise, `${name}.${at++}`, width, from / 4);
      const narrow = net.batchNorm(net.conv(scaled, `${name}.${at}.0`, { from: width, to }), `${name}.${at}.1`, to);
      x = stride === 1 && from === to ? net.add(narrow, x) : narrow;
      from = to;
    }
  }
  x = block(x, 'features.8', { from, to: 4 * from });
  const features = net.dropout(net.flatten(net.globalAverage(x)), dropout);
  const weight = () => uniform(1 / Math.sqrt(classes));
  const head = { from: 4 * from, to: classes, weight, bias: zeros, output: 'logits' };
  return net.classifier(net.linear(features, 'classifier.1', head), classes);
}

function squeezeExcitation(net: Network, x: string, name: string, channels: number, squeezed: number): string {
  const inner = net.conv(net.globalAverage(x), `${name}.fc1`, { from: channels, to: squeezed, bias: zeros });
  const outer = net.conv(net.silu(inner), `${name}.fc2`, { from: squeezed, to: channels, bias: zeros });
  return net.g.node('Mul', [x, net.sigmoid(outer)]);
}
