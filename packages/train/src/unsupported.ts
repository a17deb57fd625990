import { PerceptError } from '@percept/core';
import type { Node } from '@percept/onnx';

/** The error for a node that cannot be trained as it stands. */
export function unsupported(node: Node, expected: string, received: string): PerceptError {
  return new PerceptError(
    'TRAIN_UNSUPPORTED',
    `Expected ${expected} for ${describeNode(node)} but received ${received}. Change the model, or train it elsewhere`,
    { details: { opType: node.opType, node: node.name, outputs: node.outputs } },
  );
}

/** A node as a person finds it: `Conv "stem" (y)`. */
export function describeNode(node: Node): string {
  const name = node.name === '' ? '' : ` ${JSON.stringify(node.name)}`;
  return `${node.domain === '' ? '' : `${node.domain}.`}${node.opType}${name} (${node.outputs[0]})`;
}
