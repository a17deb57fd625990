import type { Tensor } from '@percept/core';
import type { Node } from '@percept/onnx';
import type { AttributeReader } from '@percept/onnx/graph';
import type { TensorFlow, TfTensor } from '../tensor-flow-module.js';

/** What an operator sees of its node. */
export interface OperatorCall {
  readonly tf: TensorFlow;
  readonly node: Node;
  readonly attributes: AttributeReader;
  /** Values of the inputs; `undefined` for one that is left out. int64 values are int32 here, which TensorFlow.js has. */
  readonly inputs: readonly (TfTensor | undefined)[];
  /** The input as a constant of the graph: what shapes and axes are read from. */
  constant(index: number): Tensor | undefined;
}

/** An ONNX operator over tensors of TensorFlow.js, named as the operator. It gives the node's only output. */
export type TfOperator = (call: OperatorCall) => TfTensor;

/** The numbers of an input that is a constant of the graph; `undefined` where the input is left out. */
export function integersOf(call: OperatorCall, index: number): number[] | undefined {
  const constant = call.constant(index);
  return constant && Array.from(constant.data, Number);
}
