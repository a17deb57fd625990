import type { Model } from '@percept/onnx';
import { type DropoutOptions, dropoutOptions } from './classifier-options.js';
import { type Initialize, kaimingUniformFanIn, keyedInitialization, normal } from './initialization.js';
import { type ConvLayer, Network, zeros } from './network.js';

/** Channels of the fire modules by their place among the features; the places between are max pooling. */
const fires: readonly (readonly [place: number, squeeze: number, expand: number])[] = [
  [3, 16, 64],
  [4, 16, 64],
  [6, 32, 128],
  [7, 32, 128],
  [9, 48, 192],
  [10, 48, 192],
  [11, 64, 256],
  [12, 64, 256],
];

/**
 * SqueezeNet 1.1 (Iandola et al. 2016, arXiv:1602.07360, and the authors' later version), as
 * `torchvision.models.squeezenet1_1`. 1,235,496 parameters with 1000 classes. Dropout 0.5 before the classifier by
 * default, and none of its layers is normalized: it wants a small learning rate. `size` is at least 17.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function squeezenet(options: DropoutOptions): Model {
  const { seed, ...architecture } = dropoutOptions(options, 'squeezenet', 0.5);
  return squeezenetGraph(architecture, keyedInitialization(seed));
}

/** The graph of a SqueezeNet 1.1, filled by `initialize`. */
export function squeezenetGraph(
  { classes, channels, size, dropout }: Required<Omit<DropoutOptions, 'seed'>>,
  initialize: Initialize,
): Model {
  const net = new Network('squeezenet', initialize);
  const image = net.g.input('input', 'float32', ['N', channels, size, size]);
  const conv = (x: string, name: string, layer: ConvLayer): string =>
    net.relu(net.conv(x, name, { weight: kaimingUniformFanIn, bias: zeros, ...layer }));
  const pool = (x: string): string =>
    net.g.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 });

  let x = pool(conv(image, 'features.0', { from: channels, to: 64, kernel: 3, stride: 2, padding: 0 }));
  let from = 64;
  for (const [place, squeeze, expand] of fires) {
    if (place === 6 || place === 9) x = pool(x);
    const name = `features.${place}`;
    const squeezed = conv(x, `${name}.squeeze`, { from, to: squeeze });
    const narrow = conv(squeezed, `${name}.expand1x1`, { from: squeeze, to: expand });
    const wide = conv(squeezed, `${name}.expand3x3`, { from: squeeze, to: expand, kernel: 3 });
    x = net.g.node('Concat', [narrow, wide], { axis: 1 });
    from = 2 * expand;
  }
  const head = { from, to: classes, weight: () => normal(0.01) };
  const scores = conv(net.dropout(x, dropout), 'classifier.1', head);
  return net.classifier(net.flatten(net.globalAverage(scores), 'logits'), classes);
}
