import type { Tensor } from '@percept/core';
import type { ElementType } from './element-types.js';
import type { RawTensor, SparseTensor } from './model-tensors.js';
import type { TypeProto } from './model-types.js';
import type { Kept } from './wire-hints.js';

/**
 * An ONNX model as plain data (onnx.proto: ModelProto). Editing is done by making a new object or by changing a
 * `cloneModel`; nothing here is frozen and nothing is hidden.
 */
export interface Model extends Kept {
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
  /** Operators that the model defines itself, as graphs of other operators. */
  functions?: ModelFunction[];
  /** How the model was, or is to be, trained (TrainingInfoProto). */
  trainingInfo?: TrainingInfo[];
  /** Sets of devices that nodes may be spread over (`configuration`). */
  deviceConfigurations?: DeviceConfiguration[];
}

/** A dataflow graph (GraphProto). Nodes stand in topological order. */
export interface Graph extends Kept {
  name: string;
  nodes: Node[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  /** Constants by value name, in file order. */
  initializers: Map<string, Tensor>;
  /**
   * Constants that a {@link Tensor} cannot hold, by value name: elements without a JavaScript array (bfloat16, float8,
   * 4-bit, complex) and those whose elements lie in another file.
   */
  rawInitializers?: Map<string, RawTensor>;
  /** Constants that are mostly zero, by value name. */
  sparseInitializers?: Map<string, SparseTensor>;
  /** Declared types of inner values, where the file gives them. */
  valueInfos: ValueInfo[];
  docString: string;
  /** `metadata_props` of the graph. */
  metadata?: Record<string, string>;
  /** Which values hold the scale and zero point of others (TensorAnnotation). */
  quantizationAnnotations?: QuantizationAnnotation[];
}

/** One operation (NodeProto). An empty string among `inputs` or `outputs` means "not given". */
export interface Node extends Kept {
  name: string;
  opType: string;
  /** `''` is the standard ONNX domain. */
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
  docString: string;
  /** Which of several functions of the same domain and name is called. */
  overload?: string;
  /** `metadata_props` of the node. */
  metadata?: Record<string, string>;
  /** How the node is spread over devices. */
  deviceConfigurations?: NodeDeviceConfiguration[];
}

/** What every attribute may carry beside its value. */
interface AttributeExtras extends Kept {
  docString?: string;
}

/** An attribute's value, tagged with its AttributeProto type. */
export type Attribute = AttributeExtras &
  (
    | { type: 'float'; value: number }
    /** An int64. Beyond 2^53 `value` is the nearest number and `exact` the integer itself; it counts while they agree. */
    | { type: 'int'; value: number; exact?: bigint }
    | { type: 'string'; value: string }
    | { type: 'tensor'; value: Tensor }
    | { type: 'graph'; value: Graph }
    | { type: 'floats'; value: number[] }
    /** int64s, see `int`. */
    | { type: 'ints'; value: number[]; exact?: bigint[] }
    | { type: 'strings'; value: string[] }
    /** A tensor that {@link Tensor} cannot hold. */
    | { type: 'rawTensor'; value: RawTensor }
    | { type: 'sparseTensor'; value: SparseTensor }
    | { type: 'typeProto'; value: TypeProto }
    | { type: 'tensors'; value: (Tensor | RawTensor)[] }
    | { type: 'graphs'; value: Graph[] }
    | { type: 'sparseTensors'; value: SparseTensor[] }
    | { type: 'typeProtos'; value: TypeProto[] }
    /** A string attribute that is no UTF-8 text: binary data, such as the engine inside an EPContext node. */
    | { type: 'bytes'; value: Uint8Array }
    /** In a function's body: the value of the function's attribute named `value`, of the kind `of`. */
    | { type: 'reference'; value: string; of: AttributeKind | undefined }
    /** A kind of a later ONNX: its whole AttributeProto, byte for byte. */
    | { type: 'opaque'; value: Uint8Array }
  );

/** The kinds of AttributeProto.AttributeType. */
export type AttributeKind = Exclude<Attribute['type'], 'rawTensor' | 'bytes' | 'reference' | 'opaque'>;

/** Name, element type and shape of a value. */
export interface ValueInfo extends Kept {
  name: string;
  /** Element type, or `undefined` where the file does not say (or it is no tensor). */
  type: ElementType | undefined;
  /** Sizes; a string names a symbolic dimension, `undefined` as entry is an unknown one. `undefined` as a whole: unknown rank. */
  dims: Dimension[] | undefined;
  docString: string;
  /** What the value means, by the standard's words or one's own: `IMAGE`. */
  denotation?: string;
  /** What each dimension means: `DATA_BATCH`, `DATA_CHANNEL`, … */
  dimDenotations?: (string | undefined)[];
  /** The type of a value that is no plain tensor (a sequence, a map, …); `type` and `dims` are `undefined` then. */
  valueType?: TypeProto;
  /** `metadata_props` of the value. */
  metadata?: Record<string, string>;
}

/** The size of a dimension: a number, the name of a symbolic one, or unknown. */
export type Dimension = number | string | undefined;

/** An operator defined by a graph of others (FunctionProto), called by nodes of its domain, name and overload. */
export interface ModelFunction extends Kept {
  name: string;
  domain: string;
  /** Tells functions of the same domain and name apart; `''` where there is one. */
  overload: string;
  inputs: string[];
  outputs: string[];
  /** Names of the attributes that a caller must give. */
  attributes: string[];
  /** Attributes that a caller may leave out, with their defaults (`attribute_proto`). */
  attributeDefaults: Record<string, Attribute>;
  nodes: Node[];
  docString: string;
  /** Operator sets that the body is written in. */
  opsets: Record<string, number>;
  valueInfos: ValueInfo[];
  metadata?: Record<string, string>;
}

/** Which values hold the quantization parameters of a value (TensorAnnotation). */
export interface QuantizationAnnotation extends Kept {
  tensorName: string;
  /** Names of values by role: `SCALE_TENSOR`, `ZERO_POINT_TENSOR`. */
  parameters: Record<string, string>;
}

/** Graphs that initialize and train a model (TrainingInfoProto). */
export interface TrainingInfo extends Kept {
  initialization?: Graph;
  algorithm?: Graph;
  /** Names of initializers by the output of `initialization` that they take their value from. */
  initializationBinding: [initializer: string, output: string][];
  /** As `initializationBinding`, for `algorithm`, after each step. */
  updateBinding: [initializer: string, output: string][];
}

/** A set of devices (DeviceConfigurationProto). */
export interface DeviceConfiguration extends Kept {
  name: string;
  deviceCount: number;
  /** Names of the devices, where they have any. */
  devices: string[];
}

/** How a node is spread over the devices of a configuration (NodeDeviceConfigurationProto). */
export interface NodeDeviceConfiguration extends Kept {
  /** Name of the {@link DeviceConfiguration}. */
  configuration: string;
  sharding: ShardingSpec[];
  pipelineStage?: number;
}

/** How one input or output of a node is divided (ShardingSpecProto). */
export interface ShardingSpec extends Kept {
  tensorName: string;
  devices: number[];
  /** Groups of devices by the negative number that stands for them in `devices`. */
  deviceGroups: [index: number, devices: number[]][];
  dims: ShardedDim[];
}

/** How one axis is divided (ShardedDimProto): the parts, in order. */
export interface ShardedDim extends Kept {
  axis: number;
  parts: { size: Dimension; shards: number }[];
}
