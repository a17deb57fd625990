// Operators of the domain ai.onnx.preview.
import type { ShapeRule } from './shape-rule.js';

export const FlexAttention: ShapeRule = (context) => {
  const [q, v] = [context.dims(0), context.dims(2)];
  return [{ dims: q && v && [...q.slice(0, 3), v[3]] }];
};
