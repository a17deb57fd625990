// Mapping of labels (domain ai.onnx.ml).
import { malformed, unsupported } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { asTensor, fromNumbers, int64, numbers, pick, strings, type TensorValue, tensorValue } from '../value.js';

/** The list of an attribute that comes in four forms. */
function labels(name: 'keys' | 'values', context: KernelContext): TensorValue {
  const tensor = context.tensor(`${name}_tensor`);
  if (tensor !== undefined) return tensor;
  const texts = context.strings(`${name}_strings`);
  if (texts !== undefined) return tensorValue('string', [texts.length], [...texts]);
  const ints = context.ints(`${name}_int64s`);
  if (ints !== undefined) return int64([ints.length], ints);
  const floats = context.floats(`${name}_floats`);
  if (floats !== undefined) return fromNumbers(context.elementType(1), [floats.length], floats);
  throw malformed(`Expected the attribute ${name}_* but received none`);
}

function defaultLabel(values: TensorValue, context: KernelContext): TensorValue {
  const tensor = context.tensor('default_tensor');
  if (tensor !== undefined) return tensor;
  if (values.type === 'string') return tensorValue('string', [1], [context.string('default_string', '_Unused')]);
  const fallback = values.type === 'int64' ? context.int('default_int64', -1) : context.float('default_float', -0);
  return fromNumbers(values.type, [1], [values.type.startsWith('int') ? Math.trunc(fallback) : fallback]);
}

export const LabelEncoder: Kernel = ([input], context) => {
  if (context.opset < 2) throw unsupported('Expected LabelEncoder of version 2 or later');
  const tensor = asTensor(input);
  const values = labels('values', context);
  const keyOf = (given: TensorValue): readonly string[] =>
    given.type === 'string' ? strings(given) : Array.from(numbers(given), String);
  // A key that comes again takes the place of the earlier one.
  const found = new Map(keyOf(labels('keys', context)).map((key, at) => [key, at]));
  const sources = keyOf(tensor).map((key) => found.get(key) ?? -1);
  return [pick(values, tensor.dims, sources, defaultLabel(values, context))];
};
