import { type Tensor, tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { intAttribute } from '../graph/channel-layout.js';
import { floatConstant } from '../graph/graph-values.js';

/** A MatMul, or a Gemm that is one but for its bias: `y = x · weight + bias`. */
export interface LinearNode {
  readonly input: string;
  readonly weightName: string;
  /** `[K, N]`, transposed where the Gemm had `transB`. */
  readonly weight: Tensor<'float32'>;
  /** Name of the bias; absent for none. */
  readonly bias: string | undefined;
}

/** Reads a MatMul or Gemm for which `whyFloat` of the plan has no reason against it. */
export function linearNode(graph: Graph, node: Node): LinearNode {
  const [input, weightName, bias] = node.inputs as [string, string, string?];
  const stored = floatConstant(graph, weightName)!;
  const weight = intAttribute(node, 'transB', 0) === 0 ? stored : transposed(stored);
  return { input, weightName, weight, bias: bias === '' ? undefined : bias };
}

function transposed({ dims, data }: Tensor<'float32'>): Tensor<'float32'> {
  const [rows, columns] = dims as [number, number];
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column]!;
  }
  return tensor('float32', [columns, rows], result);
}
