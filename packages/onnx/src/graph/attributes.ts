import { PerceptError, type Tensor } from '@percept/core';
import type { Attribute, Graph, Node } from '../model.js';
import { describeNode } from './describe-node.js';

/**
 * Typed access to a node's attributes. Each method takes the attribute's name and what to give where the node does not
 * have it; without a fallback the attribute is required.
 *
 * @throws PerceptError `ONNX_ATTRIBUTE_INVALID` when the attribute is of another kind, or missing without a fallback
 */
export interface AttributeReader {
  int(name: string): number;
  int<Fallback>(name: string, fallback: Fallback): number | Fallback;
  float(name: string): number;
  float<Fallback>(name: string, fallback: Fallback): number | Fallback;
  string(name: string): string;
  string<Fallback>(name: string, fallback: Fallback): string | Fallback;
  ints(name: string): readonly number[];
  ints<Fallback>(name: string, fallback: Fallback): readonly number[] | Fallback;
  floats(name: string): readonly number[];
  floats<Fallback>(name: string, fallback: Fallback): readonly number[] | Fallback;
  strings(name: string): readonly string[];
  strings<Fallback>(name: string, fallback: Fallback): readonly string[] | Fallback;
  tensor(name: string): Tensor;
  tensor<Fallback>(name: string, fallback: Fallback): Tensor | Fallback;
  graph(name: string): Graph;
  graph<Fallback>(name: string, fallback: Fallback): Graph | Fallback;
  has(name: string): boolean;
}

/** Reads a node's attributes by kind: `attributes(node).int('axis', 0)`. */
export function attributes(node: Node): AttributeReader {
  const read =
    <Kind extends Attribute['type']>(kind: Kind) =>
    (name: string, ...fallback: readonly unknown[]): never => {
      const attribute = Object.hasOwn(node.attributes, name) ? node.attributes[name] : undefined;
      if (attribute?.type === kind) return attribute.value as never;
      if (attribute === undefined && fallback.length > 0) return fallback[0] as never;
      throw new PerceptError(
        'ONNX_ATTRIBUTE_INVALID',
        `Expected an attribute ${name} of kind ${kind} for ${describeNode(node)} but received ${attribute?.type ?? 'none'}`,
        { details: { node: node.name, opType: node.opType, attribute: name } },
      );
    };
  return {
    int: read('int'),
    float: read('float'),
    string: read('string'),
    ints: read('ints'),
    floats: read('floats'),
    strings: read('strings'),
    tensor: read('tensor'),
    graph: read('graph'),
    has: (name) => Object.hasOwn(node.attributes, name),
  };
}
