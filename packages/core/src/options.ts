import type * as z from 'zod/v4/core';
import { safeParse } from 'zod/v4/core';
import { describeValue, PerceptError } from './errors.js';

/**
 * Checks what a caller handed in against a zod (or zod/mini) schema, once, at the public boundary.
 *
 * @param name - what the value is called for the user, such as `resize() options`
 * @returns the parsed value, defaults filled in
 * @throws PerceptError `INVALID_ARGUMENT`, naming the first offending field, what was expected and what came
 */
export function parseOptions<Schema extends z.$ZodType>(
  schema: Schema,
  value: unknown,
  name: string,
): z.output<Schema> {
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = issue.path.join('.');
  const received = valueAt(value, issue.path);
  const where = field === '' ? name : `${field} of ${name}`;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected ${expectation(issue)} for ${where} but received ${describeValue(received)}`,
    {
      details: { field, received, issues: parsed.error.issues },
    },
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

function expectation(issue: z.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected === 'int' ? 'integer' : issue.expected);
    case 'too_small':
      return `${issue.origin} ${issue.inclusive === false ? 'above' : 'of at least'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.origin} ${issue.inclusive === false ? 'below' : 'of at most'} ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'unrecognized_keys':
      return `no unknown option (${issue.keys.join(', ')})`;
    default:
      return issue.message;
  }
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
