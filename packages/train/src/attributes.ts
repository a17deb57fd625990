import type { Node } from '@percept/onnx';
import { unsupported } from './unsupported.js';

/** An `int` attribute. */
export function intAttribute(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  if (attribute === undefined) return fallback;
  if (attribute.type !== 'int') throw unsupported(node, `an int for attribute ${name}`, attribute.type);
  return attribute.value;
}

/** A `float` attribute. */
export function floatAttribute(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  if (attribute === undefined) return fallback;
  if (attribute.type !== 'float') throw unsupported(node, `a float for attribute ${name}`, attribute.type);
  return attribute.value;
}

/** An `ints` attribute. */
export function intsAttribute(node: Node, name: string, fallback: readonly number[]): readonly number[] {
  const attribute = node.attributes[name];
  if (attribute === undefined) return fallback;
  if (attribute.type !== 'ints') throw unsupported(node, `ints for attribute ${name}`, attribute.type);
  return attribute.value;
}

/** A `string` attribute. */
export function stringAttribute(node: Node, name: string, fallback: string): string {
  const attribute = node.attributes[name];
  if (attribute === undefined) return fallback;
  if (attribute.type !== 'string') throw unsupported(node, `a string for attribute ${name}`, attribute.type);
  return attribute.value;
}
