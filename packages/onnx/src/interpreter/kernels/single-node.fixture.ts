import type { Attribute } from '../../model.js';
import { evaluateNode } from '../evaluate.js';
import type { Precision } from '../kernel.js';
import { asTensor, fromNumbers, numbers, type TensorValue } from '../value.js';

/** A float32 tensor. */
export function f32(dims: readonly number[], values: ArrayLike<number>): TensorValue {
  return fromNumbers('float32', dims, values);
}

/** Computes one operator and gives all its outputs. */
export function compute(
  opType: string,
  inputs: readonly (TensorValue | undefined)[],
  attributes: Readonly<Record<string, Attribute>> = {},
  { opset = 21, outputs = 1, precision = 'float32' as Precision, domain = '' } = {},
): TensorValue[] {
  const node = {
    name: '',
    opType,
    domain,
    inputs: inputs.map((input, at) => (input === undefined ? '' : `x${at}`)),
    outputs: Array.from({ length: outputs }, (_, at) => `y${at}`),
    attributes,
    docString: '',
  };
  return evaluateNode(node, inputs, { opsets: { [domain]: opset }, precision }).map((value) => asTensor(value));
}

/** Elements of the first output of {@link compute}. */
export function result(...call: Parameters<typeof compute>): number[] {
  return Array.from(numbers(compute(...call)[0]!));
}

export const int = (value: number): Attribute => ({ type: 'int', value });
export const ints = (...value: number[]): Attribute => ({ type: 'ints', value });
export const float = (value: number): Attribute => ({ type: 'float', value });
export const text = (value: string): Attribute => ({ type: 'string', value });
