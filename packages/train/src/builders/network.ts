// The layers of the named architectures. Parameters have the names and the layouts of torchvision's and timm's state
// dicts, so that weights can be compared, and taken over, by name.
import { tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import {
  constant,
  type InitializationRule,
  type Initialize,
  kaimingNormalFanOut,
  torchDefault,
} from './initialization.js';

/** A convolution, see {@link Network.conv}. */
export interface ConvLayer {
  from: number;
  to: number;
  /** Height and width of the kernel. Default 1. */
  kernel?: number;
  /** Default 1. */
  stride?: number;
  /** Default: half of the kernel, which keeps the size at stride 1. */
  padding?: number;
  /** Default 1. */
  groups?: number;
  /** Default {@link kaimingNormalFanOut}. */
  weight?: (dims: readonly number[]) => InitializationRule;
  /** Default: no bias. */
  bias?: (weightDims: readonly number[]) => InitializationRule;
}

/** A fully connected layer, see {@link Network.linear}. */
export interface LinearLayer {
  from: number;
  to: number;
  /** Default {@link torchDefault}. */
  weight?: (dims: readonly number[]) => InitializationRule;
  /** Default {@link torchDefault} of the weight. */
  bias?: (weightDims: readonly number[]) => InitializationRule;
  /** Name of the value. Default: a fresh one. */
  output?: string;
}

/** A batch normalization, see {@link Network.batchNorm}. */
export interface BatchNormLayer {
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
  /** Weight of the new statistics, as PyTorch counts it (ONNX: 1 - momentum). Default 0.1. */
  momentum?: number;
}

/** First values all zero. */
export const zeros = (): InitializationRule => constant(0);

/** A graph in the making, layer by layer. */
export class Network {
  readonly g: GraphBuilder;
  readonly #initialize: Initialize;

  constructor(name: string, initialize: Initialize) {
    this.g = new GraphBuilder(name);
    this.#initialize = initialize;
  }

  /** A parameter under a name. */
  parameter(name: string, dims: readonly number[], rule: InitializationRule): string {
    return this.g.initializer(name, this.#initialize(name, dims, rule));
  }

  /** 2-D convolution, `torch.nn.Conv2d`. */
  conv(x: string, name: string, layer: ConvLayer): string {
    const { from, to, kernel = 1, stride = 1, padding = (kernel - 1) >> 1, groups = 1 } = layer;
    const dims = [to, from / groups, kernel, kernel];
    const inputs = [x, this.parameter(`${name}.weight`, dims, (layer.weight ?? kaimingNormalFanOut)(dims))];
    if (layer.bias !== undefined) inputs.push(this.parameter(`${name}.bias`, [to], layer.bias(dims)));
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      group: groups,
    };
    return this.g.node('Conv', inputs, attributes, { name });
  }

  /** `torch.nn.BatchNorm2d`. */
  batchNorm(
    x: string,
    name: string,
    channels: number,
    { epsilon = 1e-5, momentum = 0.1 }: BatchNormLayer = {},
  ): string {
    const vector = (field: string, value: number): string =>
      this.parameter(`${name}.${field}`, [channels], constant(value));
    const inputs = [x, vector('weight', 1), vector('bias', 0), vector('running_mean', 0), vector('running_var', 1)];
    return this.g.node('BatchNormalization', inputs, { epsilon, momentum: 1 - momentum }, { name });
  }

  /** `torch.nn.Linear` on `[N, from]`; the weight is `[to, from]`. */
  linear(x: string, name: string, { from, to, weight, bias, output }: LinearLayer): string {
    const dims = [to, from];
    const inputs = [
      x,
      this.parameter(`${name}.weight`, dims, (weight ?? torchDefault)(dims)),
      this.parameter(`${name}.bias`, [to], (bias ?? torchDefault)(dims)),
    ];
    return this.g.node('Gemm', inputs, { transB: 1 }, { name, outputs: output === undefined ? 1 : [output] });
  }

  /** `torch.nn.LayerNorm` over the last axis. */
  layerNorm(x: string, name: string, size: number, epsilon: number): string {
    const inputs = [
      x,
      this.parameter(`${name}.weight`, [size], constant(1)),
      this.parameter(`${name}.bias`, [size], constant(0)),
    ];
    return this.g.node('LayerNormalization', inputs, { axis: -1, epsilon }, { name });
  }

  /** `max(x, 0)`. */
  relu(x: string): string {
    return this.g.node('Relu', [x]);
  }

  /** `min(max(x, 0), 6)`. */
  relu6(x: string): string {
    return this.g.node('Clip', [x, this.scalar(0), this.scalar(6)]);
  }

  /** `x · min(max(x + 3, 0), 6) / 6`. */
  hardSwish(x: string): string {
    return this.g.node('HardSwish', [x]);
  }

  /** `min(max(x + 3, 0), 6) / 6`. */
  hardSigmoid(x: string): string {
    return this.g.node('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 });
  }

  /** `1 / (1 + exp(-x))`. */
  sigmoid(x: string): string {
    return this.g.node('Sigmoid', [x]);
  }

  /** `x · sigmoid(x)`. */
  silu(x: string): string {
    return this.g.node('Mul', [x, this.sigmoid(x)]);
  }

  /** `x · (1 + erf(x / √2)) / 2`, the exact form. */
  gelu(x: string): string {
    const erf = this.g.node('Erf', [this.g.node('Mul', [x, this.scalar(Math.SQRT1_2)])]);
    return this.g.node('Mul', [this.g.node('Mul', [x, this.g.node('Add', [erf, this.scalar(1)])]), this.scalar(0.5)]);
  }

  /** `a + b`. */
  add(a: string, b: string): string {
    return this.g.node('Add', [a, b]);
  }

  /** The mean of every channel: `[N, C, H, W]` to `[N, C, 1, 1]`. */
  globalAverage(x: string): string {
    return this.g.node('GlobalAveragePool', [x]);
  }

  /** `[N, C, 1, 1]` to `[N, C]`. */
  flatten(x: string, output?: string): string {
    return this.g.node('Flatten', [x], {}, { outputs: output === undefined ? 1 : [output] });
  }

  /** `torch.nn.Dropout`; passes its input on except while training. Nothing is emitted for a ratio of 0. */
  dropout(x: string, ratio: number, name = ''): string {
    return ratio === 0 ? x : this.g.node('Dropout', [x, this.scalar(ratio)], {}, { name });
  }

  /** `torch.Tensor.reshape`; one size may be -1. */
  reshape(x: string, dims: readonly number[]): string {
    return this.g.node('Reshape', [x, this.g.constant(tensor('int64', [dims.length], dims), 'shape')]);
  }

  /** A float32 scalar. It is a setting, not a parameter. */
  scalar(value: number): string {
    return this.g.constant(tensor('float32', [], [value]), 'setting');
  }

  /** The model, with the logits as its only output. */
  classifier(logits: string, classes: number): Model {
    this.g.output(logits, 'float32', ['N', classes]);
    return this.g.build();
  }
}
