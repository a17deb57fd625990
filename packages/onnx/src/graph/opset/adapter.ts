import { float32ToFloat16, PerceptError, type Tensor, tensor } from '@percept/core';
import type { Node } from '../../model.js';
import type { TypeProto } from '../../model-types.js';
import { type AttributeReader, attributes } from '../attributes.js';
import { describeNode } from '../describe-node.js';
import type { GraphEditor } from '../graph-editor.js';

/** What an adapter has to work with: one node, in a graph that stands at the version before. */
export interface AdapterContext {
  readonly node: Node;
  readonly editor: GraphEditor;
  readonly attributes: AttributeReader;
  /** The type of a value, as far as it can be inferred. */
  type(value: string): TypeProto | undefined;
  /** Throws `ONNX_OPSET_UNCONVERTIBLE`, naming node and versions. */
  refuse(reason: string): never;
}

/** Brings a node from the version of its operator before to this one, so that it computes the same. */
export type Adapter = (context: AdapterContext) => void;

/** Makes the context of one node. */
export function adapterContext(
  node: Node,
  editor: GraphEditor,
  type: (value: string) => TypeProto | undefined,
  versions: readonly [from: number, to: number],
): AdapterContext {
  return {
    node,
    editor,
    attributes: attributes(node),
    type,
    refuse: (reason) => unconvertible(node, versions, reason),
  };
}

/** Says that a node cannot be brought to another operator set. */
export function unconvertible(node: Node, [from, to]: readonly [number, number], reason: string): never {
  throw new PerceptError(
    'ONNX_OPSET_UNCONVERTIBLE',
    `Expected ${describeNode(node)} to be convertible from opset ${from} to ${to} but ${reason}`,
    { details: { node: node.name, opType: node.opType, from, to } },
  );
}

/** Moves an `ints` attribute to an int64 input. Without the attribute nothing changes. */
export function intsToInput(context: AdapterContext, attribute: string, input: number): void {
  const values = context.attributes.ints(attribute, undefined);
  delete context.node.attributes[attribute];
  if (values === undefined) return;
  setConstant(context, input, attribute, tensor('int64', [values.length], values.map(BigInt)));
}

/** Gives a node a fresh constant as an input. */
export function setConstant({ editor, node }: AdapterContext, input: number, hint: string, value: Tensor): void {
  const base = node.name === '' ? (node.outputs[0] ?? node.opType) : node.name;
  editor.setInput(node, input, editor.addConstant(`${base}_${hint}`, value));
}

/** A scalar of the element type of a value; refuses where that type is not known or holds no such number. */
export function scalarLike(context: AdapterContext, value: string, number: number): Tensor {
  const type = context.type(value);
  const elementType = type?.kind === 'tensor' ? type.elementType : undefined;
  switch (elementType) {
    case 'float16':
      return { type: 'float16', dims: [], data: Uint16Array.of(float32ToFloat16(number)) };
    case 'int64':
    case 'uint64':
      return tensor(elementType, [], [BigInt(number)]);
    case 'float32':
    case 'float64':
    case 'int32':
    case 'int16':
    case 'int8':
    case 'uint32':
    case 'uint16':
    case 'uint8':
      return tensor(elementType, [], [number]);
    default:
      return context.refuse(`the element type of ${value} is not known. Run inferShapes with inputDims first`);
  }
}
