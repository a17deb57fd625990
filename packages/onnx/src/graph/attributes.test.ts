import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import type { Node } from '../model.js';
import { attributes } from './attributes.js';

const node: Node = {
  name: 'pool',
  opType: 'MaxPool',
  domain: '',
  inputs: ['x'],
  outputs: ['y'],
  docString: '',
  attributes: {
    kernel_shape: { type: 'ints', value: [2, 2] },
    ceil_mode: { type: 'int', value: 1 },
    auto_pad: { type: 'string', value: 'VALID' },
    value: { type: 'tensor', value: tensor('float32', []) },
  },
};

describe('attributes', () => {
  it('reads by kind, with fallbacks', () => {
    const read = attributes(node);
    expect(read.ints('kernel_shape')).toEqual([2, 2]);
    expect(read.int('ceil_mode', 0)).toBe(1);
    expect(read.int('axis', -1)).toBe(-1);
    expect(read.ints('pads', undefined)).toBeUndefined();
    expect(read.string('auto_pad')).toBe('VALID');
    expect(read.tensor('value').dims).toEqual([]);
    expect([read.has('ceil_mode'), read.has('toString')]).toEqual([true, false]);
  });

  it('names node, attribute and kind when it is missing or another', () => {
    expect(() => attributes(node).float('alpha')).toThrow(
      expect.objectContaining({
        code: 'ONNX_ATTRIBUTE_INVALID',
        message: 'Expected an attribute alpha of kind float for MaxPool "pool" (makes y) but received none',
      }),
    );
    expect(() => attributes(node).float('ceil_mode', 1)).toThrow(/ceil_mode of kind float .* received int/);
  });
});
