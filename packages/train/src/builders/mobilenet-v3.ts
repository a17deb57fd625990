import type { Model } from '@percept/onnx';
import { type DropoutOptions, dropoutOptions } from './classifier-options.js';
import { type Initialize, keyedInitialization, normal } from './initialization.js';
import { type ConvLayer, Network, zeros } from './network.js';
import { roundToMultiple } from './round-to-multiple.js';

type Variant = 'large' | 'small';
type Stage = readonly [kernel: number, width: number, to: number, squeeze: boolean, swish: boolean, stride: number];

/** Tables 1 and 2 of the paper. */
const stages: Readonly<Record<Variant, readonly Stage[]>> = {
  large: [
    [3, 16, 16, false, false, 1],
    [3, 64, 24, false, false, 2],
    [3, 72, 24, false, false, 1],
    [5, 72, 40, true, false, 2],
    [5, 120, 40, true, false, 1],
    [5, 120, 40, true, false, 1],
    [3, 240, 80, false, true, 2],
    [3, 200, 80, false, true, 1],
    [3, 184, 80, false, true, 1],
    [3, 184, 80, false, true, 1],
    [3, 480, 112, true, true, 1],
    [3, 672, 112, true, true, 1],
    [5, 672, 160, true, true, 2],
    [5, 960, 160, true, true, 1],
    [5, 960, 160, true, true, 1],
  ],
  small: [
    [3, 16, 16, true, false, 2],
    [3, 72, 24, false, false, 2],
    [3, 88, 24, false, false, 1],
    [5, 96, 40, true, true, 2],
    [5, 240, 40, true, true, 1],
    [5, 240, 40, true, true, 1],
    [5, 120, 48, true, true, 1],
    [5, 144, 48, true, true, 1],
    [5, 288, 96, true, true, 2],
    [5, 576, 96, true, true, 1],
    [5, 576, 96, true, true, 1],
  ],
};
const hidden: Readonly<Record<Variant, number>> = { large: 1280, small: 1024 };

/** As torchvision: the statistics move slower, by a larger epsilon, than PyTorch's default. */
const statistics = { epsilon: 1e-3, momentum: 0.01 };

/**
 * MobileNetV3-Large (Howard et al. 2019, arXiv:1905.02244), as `torchvision.models.mobilenet_v3_large`. 5,483,032
 * parameters with 1000 classes. Dropout 0.2 before the classifier by default.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function mobilenetV3Large(options: DropoutOptions): Model {
  const { seed, ...architecture } = dropoutOptions(options, 'mobilenetV3Large', 0.2);
  return mobilenetV3('large', architecture, keyedInitialization(seed));
}

/**
 * MobileNetV3-Small (Howard et al. 2019, arXiv:1905.02244), as `torchvision.models.mobilenet_v3_small`. 2,542,856
 * parameters with 1000 classes. Dropout 0.2 before the classifier by default.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function mobilenetV3Small(options: DropoutOptions): Model {
  const { seed, ...architecture } = dropoutOptions(options, 'mobilenetV3Small', 0.2);
  return mobilenetV3('small', architecture, keyedInitialization(seed));
}

/** The graph of a MobileNetV3, filled by `initialize`. */
export function mobilenetV3(
  variant: Variant,
  { classes, channels, size, dropout }: Required<Omit<DropoutOptions, 'seed'>>,
  initialize: Initialize,
): Model {
  const net = new Network(variant === 'large' ? 'mobilenetV3Large' : 'mobilenetV3Small', initialize);
  const image = net.g.input('input', 'float32', ['N', channels, size, size]);
  const block = (x: string, name: string, layer: ConvLayer, swish: boolean): string => {
    const normalized = net.batchNorm(net.conv(x, `${name}.0`, layer), `${name}.1`, layer.to, statistics);
    return swish ? net.hardSwish(normalized) : net.relu(normalized);
  };

  let x = block(image, 'features.0', { from: channels, to: 16, kernel: 3, stride: 2 }, true);
  let from = 16;
  for (const [index, [kernel, width, to, squeeze, swish, stride]] of stages[variant].entries()) {
    const name = `features.${index + 1}.block`;
    let at = 0;
    let inner = x;
    if (width !== from) inner = block(inner, `${name}.${at++}`, { from, to: width }, swish);
    inner = block(inner, `${name}.${at++}`, { from: width, to: width, kernel, stride, groups: width }, swish);
    if (squeeze) inner = squeezeExcitation(net, inner, `${name}.${at++}`, width);
    const projected = net.conv(inner, `${name}.${at}.0`, { from: width, to });
    const narrow = net.batchNorm(projected, `${name}.${at}.1`, to, statistics);
    x = stride === 1 && from === to ? net.add(narrow, x) : narrow;
    from = to;
  }
  x = block(x, `features.${stages[variant].length + 1}`, { from, to: 6 * from }, true);
  const linear = { weight: () => normal(0.01), bias: zeros };
  const pooled = net.flatten(net.globalAverage(x));
  const wide = net.linear(pooled, 'classifier.0', { ...linear, from: 6 * from, to: hidden[variant] });
  const features = net.dropout(net.hardSwish(wide), dropout);
  const head = { ...linear, from: hidden[variant], to: classes, output: 'logits' };
  return net.classifier(net.linear(features, 'classifier.3', head), classes);
}

function squeezeExcitation(net: Network, x: string, name: string, channels: number): string {
  const squeezed = roundToMultiple(Math.floor(channels / 4), 8);
  const inner = net.conv(net.globalAverage(x), `${name}.fc1`, { from: channels, to: squeezed, bias: zeros });
  const outer = net.conv(net.relu(inner), `${name}.fc2`, { from: squeezed, to: channels, bias: zeros });
  return net.g.node('Mul', [x, net.hardSigmoid(outer)]);
}
