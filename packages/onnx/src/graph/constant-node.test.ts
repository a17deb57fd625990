import { tensor } from '@percept/core';
import { expect, it } from 'vitest';
import type { Attribute, Node } from '../model.js';
import { constantOf } from './constant-node.js';

const node = (attributes: Record<string, Attribute>, opType = 'Constant'): Node => ({
  ...{ opType, domain: '', name: '', docString: '', inputs: [], outputs: ['y'] },
  attributes,
});

it.each<[string, Record<string, Attribute>, ReturnType<typeof constantOf>]>([
  ['a tensor', { value: { type: 'tensor', value: tensor('bool', [1], [1]) } }, tensor('bool', [1], [1])],
  ['a number', { value_float: { type: 'float', value: 0.5 } }, tensor('float32', [], [0.5])],
  ['numbers', { value_floats: { type: 'floats', value: [1, 2] } }, tensor('float32', [2], [1, 2])],
  ['an integer', { value_int: { type: 'int', value: 3 } }, tensor('int64', [], [3n])],
  [
    // As exporters write the end of a slice.
    'the largest integer',
    { value_ints: { type: 'ints', value: [2 ** 63], exact: [2n ** 63n - 1n] } },
    tensor('int64', [1], [2n ** 63n - 1n]),
  ],
  ['text, which is none', { value_string: { type: 'string', value: 'a' } }, undefined],
])('reads %s', (_, attributes, expected) => {
  expect(constantOf(node(attributes))).toEqual(expected);
});

it('reads Constant nodes alone', () => {
  expect(constantOf(node({ value_int: { type: 'int', value: 3 } }, 'Shape'))).toBeUndefined();
});
