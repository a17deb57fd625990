import { type Tensor, tensor } from '@percept/core';
import type { Node } from '../model.js';

/** What a Constant node gives; `undefined` for another node, or an element type that Percept does not compute with. */
export function constantOf({ opType, domain, attributes }: Node): Tensor | undefined {
  if (opType !== 'Constant' || domain !== '') return undefined;
  const { value, value_float: number, value_floats: numbers, value_int: integer, value_ints: integers } = attributes;
  if (value?.type === 'tensor' && 'data' in value.value && typeof value.value.type === 'string') {
    return value.value as Tensor;
  }
  if (number?.type === 'float') return tensor('float32', [], [number.value]);
  if (numbers?.type === 'floats') return tensor('float32', [numbers.value.length], numbers.value);
  if (integer?.type === 'int') return tensor('int64', [], [int64(integer.value, integer.exact)]);
  if (integers?.type === 'ints') {
    const values = integers.value.map((item, at) => int64(item, integers.exact?.[at]));
    return tensor('int64', [values.length], values);
  }
  return undefined;
}

/** The integer that an attribute holds: beyond 2^53 the exact one, while the number still agrees with it. */
function int64(value: number, exact: bigint | undefined): bigint {
  return exact !== undefined && Number(exact) === value ? exact : BigInt(value);
}
