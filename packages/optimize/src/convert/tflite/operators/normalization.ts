import { tensor } from '@percept/core';
import { isConstantOperand, type Operand } from '../lowering.js';
import { permutedLayout } from '../memory-layout.js';
import type { NodeScope } from '../node-scope.js';
import { align } from './elementwise.js';
import type { OperatorLowering } from './index.js';

/** Normalizations, in parts: TFLite has none of them whole. */
export const normalizationLowerings: Readonly<Record<string, OperatorLowering>> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  InstanceNormalization: instanceNormalization,
};

/** What is not folded into a layer before: one product and one sum per channel. */
function batchNormalization(scope: NodeScope): void {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((index) => scope.numbers(index, 'statistics')!) as [
    number[],
    number[],
    number[],
    number[],
  ];
  const epsilon = scope.attributes.float('epsilon', 1e-5);
  const factors = gamma.map((value, channel) => value / Math.sqrt(variance[channel]! + epsilon));
  const offsets = beta.map((value, channel) => value - mean[channel]! * factors[channel]!);
  scaleAndMove(scope, scope.placed(0), vector(scope, factors), vector(scope, offsets));
}

/** Mean and variance over the axes from `axis` on. */
function layerNormalization(scope: NodeScope): void {
  if (scope.node.outputs.slice(1).some((output) => output !== ''))
    scope.refuse('several outputs', 'Export the model for inference');
  const placed = scope.placed(0);
  const first = scope.axis(scope.attributes.int('axis', -1), placed.dims.length);
  const axes = [...placed.dims.keys()].slice(first);
  const normal = standardized(scope, axes, scope.attributes.float('epsilon', 1e-5));
  scaleAndMove(scope, normal, scope.operand(1), scope.has(2) ? scope.operand(2) : undefined);
}

/** Mean and variance over the spatial axes. */
function instanceNormalization(scope: NodeScope): void {
  const axes = [...scope.inputDims(0).keys()].slice(2);
  const normal = standardized(scope, axes, scope.attributes.float('epsilon', 1e-5));
  const [gamma, beta] = [1, 2].map((index) => vector(scope, scope.numbers(index, 'weights')!)) as [Operand, Operand];
  scaleAndMove(scope, normal, gamma, beta);
}

/** Numbers per channel, axis 1. */
function vector(scope: NodeScope, values: readonly number[]): Operand {
  const dims = [
    values.length,
    ...scope
      .inputDims(0)
      .slice(2)
      .map(() => 1),
  ];
  return { dims, constant: tensor('float32', dims, Float32Array.from(values)), stored: undefined };
}

/** `(x − mean) / √(variance + ε)`. */
function standardized(scope: NodeScope, axes: readonly number[], epsilon: number): Operand {
  const placed = scope.placed(0);
  const order = scope.permutation(placed);
  const x = scope.arrange(placed, order);
  const positions = scope.int32s(axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b));
  const whole = scope.shapeOf(x);
  const small = whole.map((dim, at) => (axes.includes(order[at]!) ? 1 : dim));
  const part = (shape: readonly number[]) => scope.like(x, shape);
  const mean = (of: number) => scope.emit('MEAN', [of, positions], part(small), 'ReducerOptions', { keepDims: true });
  const centred = scope.emit('SUB', [x, mean(x)], part(whole), 'SubOptions');
  const variance = mean(scope.emit('MUL', [centred, centred], part(whole), 'MulOptions'));
  const shifted = scope.emit('ADD', [variance, scope.scalar(epsilon)], part(small), 'AddOptions');
  const inverse = scope.emit('RSQRT', [shifted], part(small));
  const normal = scope.emit('MUL', [centred, inverse], part(whole), 'MulOptions');
  return { tensor: normal, dims: placed.dims, layout: permutedLayout(placed.dims, order) };
}

function scaleAndMove(scope: NodeScope, value: Operand, factor: Operand, offset: Operand | undefined): void {
  for (const weights of [factor, offset]) {
    if (weights !== undefined && isConstantOperand(weights)) scope.checkFinite(weights.constant);
  }
  const dims = scope.outputDims();
  const product = align(scope, [value, factor], dims);
  const scaled = scope.emit('MUL', product.tensors, scope.result(product.shape), 'MulOptions');
  if (offset === undefined) {
    scope.giveLayout(scaled, product.layout);
    return;
  }
  const sum = align(scope, [{ tensor: scaled, dims, layout: product.layout }, offset], dims);
  scope.giveLayout(scope.emit('ADD', sum.tensors, scope.result(sum.shape), 'AddOptions'), sum.layout);
}
