import { isPerceptError, type Tensor } from '@percept/core';
import { evaluateNode } from '../interpreter/evaluate.js';
import { toTensor } from '../interpreter/model-value.js';
import type { Node } from '../model.js';

/**
 * Computes one node whose inputs are all constant; `undefined` for an input that is not given. Gives one tensor per output
 * name, or nothing where it cannot.
 */
export type NodeEvaluator = (
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  opsets: Readonly<Record<string, number>>,
) => readonly (Tensor | undefined)[] | undefined;

/** Computes a node by the reference interpreter. What it does not compute, or what cannot be computed, gives nothing. */
export function interpretNode(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  opsets: Readonly<Record<string, number>>,
): readonly (Tensor | undefined)[] | undefined {
  try {
    return evaluateNode(node, inputs, { opsets }).map((value, at) => value && toTensor(value, node.outputs[at]!));
  } catch (error) {
    if (isPerceptError(error)) return undefined;
    throw error;
  }
}
