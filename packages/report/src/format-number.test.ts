import { describe, expect, it } from 'vitest';
import { decimalsFor, formatFixed, formatShort } from './format-number.js';

describe('numbers as text', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [1234, '1,234'],
    [-1234567, '-1,234,567'],
    [0.1 + 0.2, '0.3'],
    [12_500_000, '12.5M'],
    [-3e9, '-3B'],
    [2e12, '2T'],
    [1e18, '1e18'],
    [0.00002, '2e-5'],
    [0.0001, '0.0001'],
    [999_999_999, '1000M'],
    [Number.NaN, 'NaN'],
  ])('%d is short as %s', (value, text) => {
    expect(formatShort(value)).toBe(text);
  });

  it.each([
    [1234.5, 2, '1,234.50'],
    [0, 2, '0.00'],
    [0.0001, 2, '1e-4'],
    [1e22, 0, '1e+22'],
    [-0.4, 0, '-4e-1'],
    [Infinity, 2, 'Infinity'],
  ])('%d with %i decimals is %s', (value, decimals, text) => {
    expect(formatFixed(value, decimals)).toBe(text);
  });

  it('chooses decimals for a column', () => {
    expect([[1, 2], [], [0.9123, 0.9], [12.5, 3], [1234.5], [0.00012]].map(decimalsFor)).toEqual([0, 0, 4, 2, 2, 6]);
  });
});
