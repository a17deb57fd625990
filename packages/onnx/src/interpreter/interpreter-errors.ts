import { PerceptError } from '@percept/core';

/** A node whose inputs or attributes break the rules of its operator. */
export function malformed(message: string): PerceptError {
  return new PerceptError('ONNX_RUN_FAILED', message);
}

/** Something that the interpreter does not compute: an operator, an attribute's value, an element type. */
export function unsupported(message: string): PerceptError {
  return new PerceptError('ONNX_OPERATOR_UNSUPPORTED', message);
}
