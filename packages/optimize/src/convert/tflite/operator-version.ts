// Which version of an operator's kernel a use of it needs: tensorflow/compiler/mlir/lite/tools/versioning/op_version.cc.
// An interpreter that is too old for a version says so when it loads the file, instead of computing something else.
import type { TfliteGraph, TfliteOperator } from './graph.js';
import type { BuiltinOperator } from './schema.js';

/** Operators whose version for int8 is 2, and 1 for float. */
const secondForInt8: ReadonlySet<BuiltinOperator> = new Set([
  'ADD',
  'AVERAGE_POOL_2D',
  'BATCH_MATMUL',
  'CONCATENATION',
  'GATHER',
  'LEAKY_RELU',
  'LOGISTIC',
  'MAXIMUM',
  'MAX_POOL_2D',
  'MEAN',
  'MINIMUM',
  'MUL',
  'PAD',
  'PADV2',
  'RELU',
  'RELU6',
  'RESIZE_NEAREST_NEIGHBOR',
  'RESIZE_BILINEAR',
  'SOFTMAX',
  'SPLIT',
  'SPLIT_V',
  'STRIDED_SLICE',
  'SUB',
  'TRANSPOSE',
]);

/** The version that the operator needs in this graph. */
export function operatorVersion({ operator, inputs, outputs, options }: TfliteOperator, graph: TfliteGraph): number {
  const tensor = (index: number) => graph.tensors[index];
  const input = tensor(inputs[0]!);
  const int8 = input?.type === 'int8';
  const values = options?.values ?? {};
  switch (operator) {
    case 'CONV_2D':
      if (input!.shape[3] !== tensor(inputs[1]!)!.shape[3]) return 6;
      return int8 ? 3 : 1;
    case 'DEPTHWISE_CONV_2D':
      return int8 ? 3 : Number(values.dilationW ?? 1) > 1 || Number(values.dilationH ?? 1) > 1 ? 2 : 1;
    case 'FULLY_CONNECTED':
      if (int8 && tensor(inputs[1]!)!.quantization!.scales.length > 1) return 12;
      if (values.keepNumDims === true) return 5;
      return int8 ? 4 : 1;
    case 'TRANSPOSE_CONV':
      return inputs.length > 3 ? 3 : 1;
    case 'DEQUANTIZE':
      if (input?.type === 'float16') return 3;
      return (input?.quantization?.scales.length ?? 1) > 1 ? 5 : int8 ? 2 : 1;
    case 'QUANTIZE':
      return input?.type === 'float32' ? 1 : 2;
    case 'RESIZE_BILINEAR':
    case 'RESIZE_NEAREST_NEIGHBOR':
      return values.halfPixelCenters === true || values.alignCorners === true ? 3 : int8 ? 2 : 1;
    case 'TRANSPOSE':
      return input!.shape.length > 5 ? 6 : input!.shape.length > 4 ? 4 : int8 ? 2 : 1;
    case 'BROADCAST_TO':
      return 2;
    case 'SUB':
    case 'ADD':
    case 'MUL':
    case 'DIV':
      return int8
        ? 2
        : tensor(outputs[0]!)!.shape.length > 4
          ? operator === 'SUB'
            ? 4
            : operator === 'DIV'
              ? 2
              : 3
          : 1;
    default:
      return int8 && secondForInt8.has(operator) ? 2 : 1;
  }
}
