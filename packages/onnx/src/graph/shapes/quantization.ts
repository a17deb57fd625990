import { namedType } from './elementwise.js';
import type { ShapeRule } from './shape-rule.js';

export const QuantizeLinear: ShapeRule = (context) => [
  {
    dims: context.dims(0),
    elementType: context.has(2) ? context.elementType(2) : (namedOutput(context) ?? 'uint8'),
  },
];

export const DequantizeLinear: ShapeRule = (context) => [
  {
    dims: context.dims(0),
    elementType: context.opset < 19 ? 'float32' : (namedOutput(context) ?? context.elementType(1)),
  },
];

function namedOutput(context: Parameters<ShapeRule>[0]) {
  return context.attributes.int('output_dtype', 0) === 0 ? undefined : namedType(context, 'output_dtype');
}

export const DynamicQuantizeLinear: ShapeRule = (context) => [{ dims: context.dims(0) }, { dims: [] }, { dims: [] }];
