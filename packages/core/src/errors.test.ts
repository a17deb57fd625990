import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { describeValue, isPerceptError, PerceptError } from './errors.js';
import { parseOptions } from './options.js';
import { throwIfAborted } from './progress.js';

describe('PerceptError', () => {
  it('is recognised by its marker, also from another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { code: 'A_B', [Symbol.for('percept.error')]: true });
    expect(isPerceptError(foreign, 'A_B')).toBe(true);
    expect(isPerceptError(new PerceptError('A_B', 'x'), 'A_C')).toBe(false);
    expect(isPerceptError(new Error('x'))).toBe(false);
    expect(isPerceptError(null)).toBe(false);
  });

  it('keeps code, details and cause', () => {
    const cause = new Error('inner');
    const error = new PerceptError('A_B', 'message', { details: { width: -5 }, cause });
    expect(error).toMatchObject({
      name: 'PerceptError',
      code: 'A_B',
      message: 'message',
      details: { width: -5 },
      cause,
    });
  });
});

describe('describeValue', () => {
  it('shows value and type', () => {
    expect([-5, 'a', null, undefined, [1], new Map()].map(describeValue)).toEqual([
      '-5 (number)',
      '"a" (string)',
      'null',
      'undefined',
      'an array of 1',
      'a Map',
    ]);
  });
});

describe('parseOptions', () => {
  const schema = z.strictObject({ width: z.int().min(1), mode: z.enum(['a', 'b']).default('a') });

  it('fills defaults', () => {
    expect(parseOptions(schema, { width: 3 }, 'resize() options')).toEqual({ width: 3, mode: 'a' });
  });

  it.each([
    [{ width: -5 }, 'Expected number of at least 1 for width of resize() options but received -5 (number)'],
    [{ width: 'x' }, 'Expected a number for width of resize() options but received "x" (string)'],
    [{ width: 1, mode: 'c' }, 'Expected one of a, b for mode of resize() options but received "c" (string)'],
    [{ width: 1, hight: 2 }, 'Expected no unknown option (hight) for resize() options but received a Object'],
    [undefined, 'Expected an object for resize() options but received undefined'],
  ])('explains %j', (value, message) => {
    expect(() => parseOptions(schema, value, 'resize() options')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });

  it('takes zod/mini schemas too', () => {
    expect(parseOptions(mini.object({ a: mini.number() }), { a: 1 }, 'x')).toEqual({ a: 1 });
  });
});

describe('throwIfAborted', () => {
  it('throws ABORTED with the reason', () => {
    expect(() => throwIfAborted(undefined)).not.toThrow();
    expect(() => throwIfAborted(AbortSignal.abort('stop'))).toThrow(
      expect.objectContaining({ code: 'ABORTED', cause: 'stop' }),
    );
  });
});
