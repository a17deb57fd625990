// Operators of the domain ai.onnx.ml whose outputs are as large as their input.
import { sameShape } from './elementwise.js';
import type { ShapeRule } from './shape-rule.js';

export const Binarizer = sameShape;
export const Imputer = sameShape;
export const Normalizer = sameShape;
export const Scaler = sameShape;

export const LabelEncoder: ShapeRule = (context) => {
  const { node } = context;
  const tensor = node.attributes.values_tensor;
  const listed = [
    ['values_strings', 'string'],
    ['values_int64s', 'int64'],
    ['values_floats', 'float32'],
  ] as const;
  const elementType =
    tensor?.type === 'tensor' ? tensor.value.type : listed.find(([name]) => context.attributes.has(name))?.[1];
  return [{ dims: context.dims(0), elementType }];
};
