import type { ElementType } from './element-type.js';
import type { TensorValue, Value } from './value.js';

/**
 * Computes one node. `inputs` has an entry for every input name of the node, `undefined` for one that is not given.
 * Returns an output for every output of the operator, at least as many as the node names; `undefined` for one that the
 * node does not ask for. Inputs are never written to, and may be given back as outputs.
 *
 * A kernel is exported under its operator's name from a file of its family, and computes every version of the operator
 * by `context.opset`. It throws `malformed` (ONNX_RUN_FAILED) or `unsupported` (ONNX_OPERATOR_UNSUPPORTED).
 */
export type Kernel = (inputs: readonly (Value | undefined)[], context: KernelContext) => readonly (Value | undefined)[];

/** Floating point type that a model is computed in: its own, or double for every float tensor. */
export type Precision = 'float32' | 'float64';

/** What a graph says of one of its outputs. */
export interface SubgraphOutput {
  readonly type: ElementType | undefined;
  readonly dims: readonly (number | string | undefined)[] | undefined;
}

/** What a kernel knows of its node beside the inputs. */
export interface KernelContext {
  readonly opType: string;
  /** Name of the node, or of its first output where it has none. */
  readonly name: string;
  /** `''` is the standard domain. */
  readonly domain: string;
  /** Version of the operator set of the node's domain. */
  readonly opset: number;
  /** With `float64` no float32, float16 or bfloat16 tensor occurs: see {@link elementType}. */
  readonly precision: Precision;
  /** Number of output names of the node, empty ones included. */
  readonly outputCount: number;
  /** Whether the node names output `index`. */
  wants(index: number): boolean;
  /** Whether the node has the attribute. */
  has(name: string): boolean;
  int(name: string): number | undefined;
  int(name: string, fallback: number): number;
  float(name: string): number | undefined;
  float(name: string, fallback: number): number;
  string(name: string): string | undefined;
  string(name: string, fallback: string): string;
  ints(name: string): readonly number[] | undefined;
  ints(name: string, fallback: readonly number[]): readonly number[];
  /** The int or ints of an attribute, exact beyond 2^53. */
  bigints(name: string): readonly bigint[] | undefined;
  floats(name: string): readonly number[] | undefined;
  strings(name: string): readonly string[] | undefined;
  /** A tensor, sparse ones with their zeros. */
  tensor(name: string): TensorValue | undefined;
  /**
   * The element type of a `TensorProto.DataType` number, as in `Cast.to`: float64 for the floats of 16 and 32 bits when
   * the precision is float64.
   */
  elementType(dataType: number): ElementType;
  /** Computes the graph of an attribute; outer values are seen by it. One value per output of that graph. */
  runSubgraph(attribute: string, inputs: readonly (Value | undefined)[]): readonly Value[];
  /** Outputs that the graph of an attribute declares, and their types where it does. */
  subgraphOutputs(attribute: string): readonly SubgraphOutput[];
}
