import type { Tensor } from '@percept/core';

/**
 * An ONNX model as plain data (onnx.proto: ModelProto). Editing is done by making a new object or by changing a
 * `cloneModel`; nothing here is frozen and nothing is hidden.
 */
export interface Model {
  irVersion: number;
  /** Operator sets by domain; the default domain is `''`. */
  opsets: Record<string, number>;
  producerName: string;
  producerVersion: string;
  domain: string;
  modelVersion: number;
  docString: string;
  graph: Graph;
  /** `metadata_props`: free text by key. Percept's own keys begin with `percept.`. */
  metadata: Record<string, string>;
  /** Fields that this package does not model yet, kept byte for byte so that writing loses nothing. */
  unknownFields?: Uint8Array[];
}

/** A dataflow graph (GraphProto). Nodes stand in topological order. */
export interface Graph {
  name: string;
  nodes: Node[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  /** Constants by value name, in file order. */
  initializers: Map<string, Tensor>;
  /**
   * Constants that a {@link Tensor} cannot hold (bfloat16, float8, 4-bit elements, external data): the TensorProto of
   * each, byte for byte, by value name.
   */
  opaqueInitializers?: Map<string, Uint8Array>;
  /** Declared types of inner values, where the file gives them. */
  valueInfos: ValueInfo[];
  docString: string;
  unknownFields?: Uint8Array[];
}

/** One operation (NodeProto). An empty string among `inputs` or `outputs` means "not given". */
export interface Node {
  name: string;
  opType: string;
  /** `''` is the standard ONNX domain. */
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
  docString: string;
  unknownFields?: Uint8Array[];
}

/** An attribute's value, tagged with its AttributeProto type. Integers are safe integers. */
export type Attribute =
  | { type: 'float'; value: number }
  | { type: 'int'; value: number }
  | { type: 'string'; value: string }
  | { type: 'tensor'; value: Tensor }
  | { type: 'graph'; value: Graph }
  | { type: 'floats'; value: number[] }
  | { type: 'ints'; value: number[] }
  | { type: 'strings'; value: string[] }
  /** A kind that is not modelled yet: its AttributeProto, byte for byte. */
  | { type: 'opaque'; value: Uint8Array };

/** Name, element type and shape of a value. */
export interface ValueInfo {
  name: string;
  /** Element type, or `undefined` where the file does not say (or it is no tensor). */
  type: Tensor['type'] | 'bfloat16' | undefined;
  /** Sizes; a string names a symbolic dimension, `undefined` as entry is an unknown one. `undefined` as a whole: unknown rank. */
  dims: (number | string | undefined)[] | undefined;
  docString: string;
  unknownFields?: Uint8Array[];
}
