import { PerceptError } from '@percept/core';
import type { Node } from '@percept/onnx';
import { describeNode } from '@percept/onnx/graph';

/** Refuses a node of a loss or an optimizer that does not run over TensorFlow.js; `what` says what of it. */
export function unsupportedOperator(node: Node, what: string): never {
  throw new PerceptError(
    'TRAIN_UNSUPPORTED',
    `Expected a loss and an optimizer of operators that run over TensorFlow.js but received ${what} in ${describeNode(node)}. Train the exported ONNX model with the engine of ONNX instead, or use another loss or optimizer`,
    { details: { opType: node.opType, node: node.name } },
  );
}
