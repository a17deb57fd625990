import { elementCount } from '@percept/core';
import { rawElementBits } from '../element-types.js';
import { type ElementType, elementData, integerFormat } from './element-type.js';
import { malformed } from './interpreter-errors.js';
import { type TensorValue, tensorValue } from './value.js';

/** The bits of every element read as another type of the same width. */
export function reinterpreted(tensor: TensorValue, type: ElementType): TensorValue {
  const from = tensor.data;
  const to = elementData(type, elementCount(tensor.dims));
  const bits = elementBits(type);
  if (Array.isArray(from) || Array.isArray(to) || bits !== elementBits(tensor.type)) {
    throw malformed(`Expected two types of the same width but received ${tensor.type} and ${type}`);
  }
  new Uint8Array(to.buffer).set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength));
  if (bits < 8) {
    // Narrow integers are kept as their value, narrow floats as their bits.
    const signed = integerFormat(type)?.signed ?? false;
    for (const [at, byte] of new Uint8Array(to.buffer).entries()) {
      const pattern = byte & (2 ** bits - 1);
      to[at] = signed && pattern >> (bits - 1) ? pattern - 2 ** bits : pattern;
    }
  }
  return tensorValue(type, tensor.dims, to);
}

function elementBits(type: ElementType): number {
  if (type in rawElementBits) return rawElementBits[type as keyof typeof rawElementBits];
  const data = elementData(type, 1);
  return Array.isArray(data) ? 0 : 8 * data.byteLength;
}
