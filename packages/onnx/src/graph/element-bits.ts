import { bytesPerElement, type TensorType } from '@percept/core';
import { rawElementBits } from '../element-types.js';

/** Bits of an element; strings have no fixed size. */
export function elementBits(elementType: string | number | undefined): number | undefined {
  if (elementType === undefined || typeof elementType === 'number' || elementType === 'string') return undefined;
  if (Object.hasOwn(rawElementBits, elementType)) return rawElementBits[elementType as keyof typeof rawElementBits];
  return 8 * bytesPerElement(elementType as TensorType)!;
}
