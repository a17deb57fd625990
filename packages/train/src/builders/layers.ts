// The layers that the builders are made of. Weights are drawn from a normal distribution of variance 2 / fan-in (He et
// al. 2015, arXiv:1502.01852), keyed by the seed and the layer's name.
import { elementCount, keyedRandom, type Tensor, tensor } from '@percept/core';
import type { GraphBuilder } from '@percept/onnx';

/** A builder's graph and what its layers share. */
export interface LayerContext {
  readonly g: GraphBuilder;
  readonly seed: number;
}

/** 3×3 convolution without bias, padding 1, then batch normalization. */
export function convBatchNorm(
  { g, seed }: LayerContext,
  x: string,
  { name, from, to }: { name: string; from: number; to: number },
): string {
  const weight = g.initializer(`${name}.weight`, heNormal(seed, `${name}.weight`, [to, from, 3, 3], from * 9));
  const convolved = g.node('Conv', [x, weight], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, { name });
  const vector = (field: string, value: number): string =>
    g.initializer(`${name}.norm.${field}`, tensor('float32', [to], new Float32Array(to).fill(value)));
  return g.node(
    'BatchNormalization',
    [convolved, vector('weight', 1), vector('bias', 0), vector('runningMean', 0), vector('runningVariance', 1)],
    { epsilon: 1e-5, momentum: 0.9 },
    { name: `${name}.norm` },
  );
}

/** `max(x, 0)`. */
export function relu({ g }: LayerContext, x: string): string {
  return g.node('Relu', [x]);
}

/** 2×2 max pooling, stride 2. */
export function maxPool({ g }: LayerContext, x: string): string {
  return g.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
}

/** Fully connected layer with bias on `[N, from]`. */
export function linear(
  { g, seed }: LayerContext,
  x: string,
  { name, from, to, outputs = 1 }: { name: string; from: number; to: number; outputs?: number | string[] },
): string {
  const weight = g.initializer(`${name}.weight`, heNormal(seed, `${name}.weight`, [to, from], from));
  const bias = g.initializer(`${name}.bias`, tensor('float32', [to]));
  return g.node('Gemm', [x, weight, bias], { transB: 1 }, { name, outputs });
}

function heNormal(seed: number, name: string, dims: readonly number[], fanIn: number): Tensor<'float32'> {
  const random = keyedRandom(seed, 'weights', name);
  const deviation = Math.sqrt(2 / fanIn);
  return tensor(
    'float32',
    dims,
    Float32Array.from({ length: elementCount(dims) }, () => deviation * random.normal()),
  );
}
