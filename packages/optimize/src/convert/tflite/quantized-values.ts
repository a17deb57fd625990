// What QuantizeLinear and DequantizeLinear say, in TFLite's terms: int8 with a zero point, where ONNX often has uint8.
// The same numbers shifted by 128 stand for the same reals.
import { type Tensor, tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { intAttribute } from '../../graph/channel-layout.js';
import { constant, floatConstant } from '../../graph/graph-values.js';
import type { Quantization } from './graph.js';

/** Parameters of a QuantizeLinear or DequantizeLinear node. */
export interface NodeQuantization {
  /** The integers' type in ONNX. */
  readonly type: 'uint8' | 'int8' | 'int32';
  /** With zero points for int8 where the type is uint8. */
  readonly quantization: Quantization;
}

const shift = 128;

/** What the node says; `undefined` for other integers than 8 bits (32 for biases), computed or blockwise parameters. */
export function quantizationOf(graph: Graph, node: Node, values: Tensor | undefined): NodeQuantization | undefined {
  const scale = floatConstant(graph, node.inputs[1]);
  if (scale === undefined || scale.dims.length > 1 || intAttribute(node, 'block_size', 0) !== 0) return undefined;
  const zeroName = node.inputs[2] ?? '';
  const zero = zeroName === '' ? undefined : constant(graph, zeroName);
  if (zeroName !== '' && zero === undefined) return undefined;
  const type = zero?.type ?? values?.type ?? (node.opType === 'QuantizeLinear' ? 'uint8' : undefined);
  if (type !== 'uint8' && type !== 'int8' && type !== 'int32') return undefined;
  const scales = Array.from(scale.data);
  const zeroPoints = scales.map((_, at) => Number(zero?.data[at] ?? 0) - (type === 'uint8' ? shift : 0));
  const axis = scales.length === 1 ? 0 : intAttribute(node, 'axis', 1);
  return { type, quantization: { scales, zeroPoints, axis } };
}

/** uint8 integers as int8, shifted; others as they are. */
export function shiftedToInt8(values: Tensor): Tensor {
  if (values.type !== 'uint8') return values;
  return tensor(
    'int8',
    values.dims,
    Int8Array.from(values.data as Uint8Array, (value) => value - shift),
  );
}

/** The numbers that quantized integers stand for, in float32. */
export function dequantized(values: Tensor, { scales, zeroPoints, axis }: Quantization): Tensor<'float32'> {
  const { dims, data } = values;
  const from = axis < 0 ? axis + dims.length : axis;
  const inner = dims.slice(from + 1).reduce((product, dim) => product * dim, 1);
  const size = dims[from] ?? 1;
  return tensor(
    'float32',
    dims,
    Float32Array.from({ length: data.length }, (_, index) => {
      const at = scales.length === 1 ? 0 : Math.floor(index / inner) % size;
      return (Number(data[index]) - zeroPoints[at]!) * scales[at]!;
    }),
  );
}

/** Whether both mean the same. */
export function sameQuantization(a: Quantization, b: Quantization): boolean {
  return (
    a.scales.length === b.scales.length &&
    a.scales.every((scale, at) => scale === b.scales[at] && a.zeroPoints[at] === b.zeroPoints[at])
  );
}
