// The part of the TFLite file format that we write: slots of the tables' fields, and numbers of the enumerations, as in
// the schema of version 3 (tensorflow/compiler/mlir/lite/schema/schema.fbs, also shipped in Python's ai_edge_litert as
// schema_py_generated.py). Slots count from 0 in the order in which the schema lists the fields; a union takes two.

/** The four characters that every TFLite file has at byte 4. */
export const fileIdentifier = 'TFL3';

/** `Model.version` of the files. */
export const schemaVersion = 3;

/** Slots of the tables that make up a file, operators' options aside. */
export const slots = {
  model: {
    version: 0,
    operatorCodes: 1,
    subgraphs: 2,
    description: 3,
    buffers: 4,
    metadata: 6,
    signatureDefs: 7,
    fieldCount: 8,
  },
  operatorCode: { deprecatedBuiltinCode: 0, version: 2, builtinCode: 3, fieldCount: 4 },
  subGraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4, fieldCount: 5 },
  tensor: { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, hasRank: 8, fieldCount: 9 },
  quantizationParameters: { scale: 2, zeroPoint: 3, quantizedDimension: 6, fieldCount: 7 },
  operator: { opcodeIndex: 0, inputs: 1, outputs: 2, builtinOptionsType: 3, builtinOptions: 4, fieldCount: 5 },
  buffer: { data: 0, fieldCount: 1 },
  metadata: { name: 0, buffer: 1, fieldCount: 2 },
  tensorMap: { name: 0, tensorIndex: 1, fieldCount: 2 },
  signatureDef: { inputs: 0, outputs: 1, signatureKey: 2, subgraphIndex: 4, fieldCount: 5 },
} as const;

/** `TensorType`. */
export const tensorTypes = {
  float32: 0,
  float16: 1,
  int32: 2,
  uint8: 3,
  int64: 4,
  bool: 6,
  int16: 7,
  int8: 9,
} as const;

/** Element type of a TFLite tensor. */
export type TfliteType = keyof typeof tensorTypes;

/** `BuiltinOperator`: the operators that we emit. */
export const builtinOperators = {
  ADD: 0,
  AVERAGE_POOL_2D: 1,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 4,
  DEPTH_TO_SPACE: 5,
  DEQUANTIZE: 6,
  FLOOR: 8,
  FULLY_CONNECTED: 9,
  LOGISTIC: 14,
  MAX_POOL_2D: 17,
  MUL: 18,
  RELU: 19,
  RELU_N1_TO_1: 20,
  RELU6: 21,
  RESHAPE: 22,
  RESIZE_BILINEAR: 23,
  SOFTMAX: 25,
  SPACE_TO_DEPTH: 26,
  TANH: 28,
  PAD: 34,
  GATHER: 36,
  TRANSPOSE: 39,
  MEAN: 40,
  SUB: 41,
  DIV: 42,
  STRIDED_SLICE: 45,
  EXP: 47,
  SPLIT: 49,
  LOG_SOFTMAX: 50,
  CAST: 53,
  PRELU: 54,
  MAXIMUM: 55,
  ARG_MAX: 56,
  MINIMUM: 57,
  LESS: 58,
  NEG: 59,
  PADV2: 60,
  GREATER: 61,
  GREATER_EQUAL: 62,
  LESS_EQUAL: 63,
  SIN: 66,
  TRANSPOSE_CONV: 67,
  EQUAL: 71,
  LOG: 73,
  SUM: 74,
  SQRT: 75,
  RSQRT: 76,
  POW: 78,
  ARG_MIN: 79,
  REDUCE_PROD: 81,
  REDUCE_MAX: 82,
  LOGICAL_OR: 84,
  LOGICAL_AND: 86,
  LOGICAL_NOT: 87,
  REDUCE_MIN: 89,
  RESIZE_NEAREST_NEIGHBOR: 97,
  LEAKY_RELU: 98,
  SQUARED_DIFFERENCE: 99,
  MIRROR_PAD: 100,
  ABS: 101,
  SPLIT_V: 102,
  CEIL: 104,
  COS: 108,
  ELU: 111,
  QUANTIZE: 114,
  ROUND: 116,
  HARD_SWISH: 117,
  SELECT_V2: 123,
  BATCH_MATMUL: 126,
  BROADCAST_TO: 130,
  GELU: 150,
  SIGN: 158,
} as const;

/** Name of an operator of TFLite. */
export type BuiltinOperator = keyof typeof builtinOperators;

/** `Padding`. */
export const paddings = { SAME: 0, VALID: 1 } as const;

/** `ActivationFunctionType`. */
export const activations = { NONE: 0, RELU: 1, RELU_N1_TO_1: 2, RELU6: 3 } as const;

/** A clamp that an operator may apply to its own result. */
export type Activation = keyof typeof activations;

/** What a field of an operator's options holds. */
type FieldKind = 'int8' | 'int32' | 'bool' | 'float32' | 'int32s';

type OptionsTable = { readonly type: number; readonly fields: Readonly<Record<string, readonly [number, FieldKind]>> };

const table = <const Fields extends Readonly<Record<string, readonly [number, FieldKind]>>>(
  type: number,
  fields: Fields,
) => ({ type, fields });

/** `BuiltinOptions`: the number of each table in the union, and its fields. */
export const optionTables = {
  Conv2DOptions: table(1, {
    padding: [0, 'int8'],
    strideW: [1, 'int32'],
    strideH: [2, 'int32'],
    activation: [3, 'int8'],
    dilationW: [4, 'int32'],
    dilationH: [5, 'int32'],
  }),
  DepthwiseConv2DOptions: table(2, {
    padding: [0, 'int8'],
    strideW: [1, 'int32'],
    strideH: [2, 'int32'],
    depthMultiplier: [3, 'int32'],
    activation: [4, 'int8'],
    dilationW: [5, 'int32'],
    dilationH: [6, 'int32'],
  }),
  Pool2DOptions: table(5, {
    padding: [0, 'int8'],
    strideW: [1, 'int32'],
    strideH: [2, 'int32'],
    filterWidth: [3, 'int32'],
    filterHeight: [4, 'int32'],
    activation: [5, 'int8'],
  }),
  FullyConnectedOptions: table(8, { activation: [0, 'int8'], keepNumDims: [2, 'bool'] }),
  SoftmaxOptions: table(9, { beta: [0, 'float32'] }),
  ConcatenationOptions: table(10, { axis: [0, 'int32'] }),
  AddOptions: table(11, { activation: [0, 'int8'] }),
  ResizeBilinearOptions: table(15, { alignCorners: [2, 'bool'], halfPixelCenters: [3, 'bool'] }),
  ReshapeOptions: table(17, { newShape: [0, 'int32s'] }),
  SpaceToDepthOptions: table(19, { blockSize: [0, 'int32'] }),
  MulOptions: table(21, { activation: [0, 'int8'] }),
  PadOptions: table(22, {}),
  GatherOptions: table(23, { axis: [0, 'int32'] }),
  TransposeOptions: table(26, {}),
  ReducerOptions: table(27, { keepDims: [0, 'bool'] }),
  SubOptions: table(28, { activation: [0, 'int8'] }),
  DivOptions: table(29, { activation: [0, 'int8'] }),
  StridedSliceOptions: table(32, { beginMask: [0, 'int32'], endMask: [1, 'int32'] }),
  ExpOptions: table(33, {}),
  SplitOptions: table(35, { numSplits: [0, 'int32'] }),
  LogSoftmaxOptions: table(36, {}),
  CastOptions: table(37, { inDataType: [0, 'int8'], outDataType: [1, 'int8'] }),
  DequantizeOptions: table(38, {}),
  MaximumMinimumOptions: table(39, {}),
  ArgMaxOptions: table(40, { outputType: [0, 'int8'] }),
  LessOptions: table(41, {}),
  NegOptions: table(42, {}),
  PadV2Options: table(43, {}),
  GreaterOptions: table(44, {}),
  GreaterEqualOptions: table(45, {}),
  LessEqualOptions: table(46, {}),
  TransposeConvOptions: table(49, { padding: [0, 'int8'], strideW: [1, 'int32'], strideH: [2, 'int32'] }),
  EqualOptions: table(53, {}),
  PowOptions: table(56, {}),
  ArgMinOptions: table(57, { outputType: [0, 'int8'] }),
  LogicalOrOptions: table(60, {}),
  LogicalAndOptions: table(62, {}),
  LogicalNotOptions: table(63, {}),
  ResizeNearestNeighborOptions: table(74, { alignCorners: [0, 'bool'], halfPixelCenters: [1, 'bool'] }),
  LeakyReluOptions: table(75, { alpha: [0, 'float32'] }),
  SquaredDifferenceOptions: table(76, {}),
  MirrorPadOptions: table(77, { mode: [0, 'int8'] }),
  AbsOptions: table(78, {}),
  SplitVOptions: table(79, { numSplits: [0, 'int32'] }),
  CosOptions: table(86, {}),
  QuantizeOptions: table(89, {}),
  HardSwishOptions: table(91, {}),
  DepthToSpaceOptions: table(94, { blockSize: [0, 'int32'] }),
  SelectV2Options: table(98, {}),
  BatchMatMulOptions: table(101, { adjX: [0, 'bool'], adjY: [1, 'bool'] }),
  BroadcastToOptions: table(103, {}),
  GeluOptions: table(116, { approximate: [0, 'bool'] }),
  SignOptions: table(122, {}),
} as const satisfies Readonly<Record<string, OptionsTable>>;

/** Name of a table of operator options. */
export type OptionsName = keyof typeof optionTables;
