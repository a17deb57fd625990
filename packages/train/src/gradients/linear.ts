import { attributes } from '@percept/onnx/graph';
import type { StepBuilder } from '../step-builder.js';
import type { Gradient } from './gradient.js';

/** Y = alpha A' B' + beta C, where A' and B' may be transposed. */
export const Gemm: Gradient = ({ g, node, inputs, inputDims, outputDims, dY, needed }) => {
  const [a, b] = inputs as [string, string];
  const transA = attributes(node).int('transA', 0);
  const transB = attributes(node).int('transB', 0);
  const alpha = { type: 'float', value: attributes(node).float('alpha', 1) } as const;
  const beta = attributes(node).float('beta', 1);

  const dA = () =>
    transA === 0
      ? g.node('Gemm', [dY, b], { alpha, transB: 1 - transB })
      : g.node('Gemm', [b, dY], { alpha, transA: transB, transB: 1 });
  const dB = () =>
    transB === 0
      ? g.node('Gemm', [a, dY], { alpha, transA: 1 - transA })
      : g.node('Gemm', [dY, a], { alpha, transA: 1, transB: transA });
  const dC = () => {
    const sum = g.reduceTo(dY, outputDims, inputDims[2]!);
    return beta === 1 ? sum : g.node('Mul', [sum, g.scalar(beta)]);
  };
  return [dA, dB, dC].map((gradient, index) => (needed[index] ? gradient() : undefined));
};

/** Y = A B, batch dimensions broadcast. */
export const MatMul: Gradient = ({ g, inputs, inputDims, outputDims, dY, needed }) => {
  const [a, b] = inputs as [string, string];
  const [aDims, bDims] = inputDims as [readonly number[], readonly number[]];
  const batch = outputDims.slice(0, -2);
  return [
    needed[0]
      ? g.reduceTo(g.node('MatMul', [dY, swapLast(g, b, bDims.length)]), [...batch, ...aDims.slice(-2)], aDims)
      : undefined,
    needed[1]
      ? g.reduceTo(g.node('MatMul', [swapLast(g, a, aDims.length), dY]), [...batch, ...bDims.slice(-2)], bDims)
      : undefined,
  ];
};

function swapLast(g: StepBuilder, value: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  return g.transpose(value, [...perm.slice(0, -2), rank - 1, rank - 2]);
}
