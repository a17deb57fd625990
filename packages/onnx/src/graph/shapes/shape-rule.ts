import type { Tensor } from '@percept/core';
import type { ElementType } from '../../element-types.js';
import type { Dimension, Node } from '../../model.js';
import type { TypeProto } from '../../model-types.js';
import type { AttributeReader } from '../attributes.js';

/** What is known of one output of a node. What a rule leaves out comes from the operator's schema, or stays unknown. */
export interface InferredOutput {
  /** Sizes; `undefined`: the rank is not known. */
  readonly dims?: readonly Dimension[] | undefined;
  readonly elementType?: ElementType | undefined;
  /** The whole type, for values that are no plain tensors. */
  readonly type?: TypeProto | undefined;
}

/** What a shape rule knows of its node. Inputs that are not given, or not known, are `undefined` throughout. */
export interface ShapeContext {
  readonly node: Node;
  /** Version of the operator set of the node's domain. */
  readonly opset: number;
  readonly attributes: AttributeReader;
  /** Number of input names, empty ones included. */
  readonly inputCount: number;
  readonly outputCount: number;
  /** Whether the node names the input. */
  has(index: number): boolean;
  type(index: number): TypeProto | undefined;
  elementType(index: number): ElementType | undefined;
  dims(index: number): readonly Dimension[] | undefined;
  /** The elements of an integer tensor of rank 0 or 1 as far as they are known; a string is a symbolic dimension. */
  contents(index: number): readonly Dimension[] | undefined;
  /** As {@link contents}, where every element is a known number. */
  integers(index: number): readonly number[] | undefined;
  /** The tensor behind an input that is constant. */
  constant(index: number): Tensor | undefined;
  /** Infers the graph of an attribute with its inputs of the given types; one type per output of that graph. */
  subgraph(attribute: string, inputs: readonly (TypeProto | undefined)[]): readonly (TypeProto | undefined)[];
  /** Throws `ONNX_SHAPE_INVALID`, naming the node. */
  refuse(expected: string): never;
}

/**
 * What an operator's outputs are, given its inputs. Exported under the operator's name from a file of its family; holds
 * for every version of the operator, by `context.opset` where they differ. Unknown inputs give unknown outputs,
 * contradicting ones are refused.
 */
export type ShapeRule = (context: ShapeContext) => readonly (InferredOutput | undefined)[];
