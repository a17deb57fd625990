import { describeValue, PerceptError } from '@percept/core';
import type { ChoiceDimension, Choosable, Dimension, FloatDimension, IntDimension, SearchSpace } from './space.js';

/** A parameter that no sampler needs to look into: branches have become choices among their names. */
export type FlatDimension = FloatDimension | IntDimension | ChoiceDimension;

/** Values of a trial's parameters by {@link FlatParameter.name}; those of branches not taken are absent. */
export type FlatValues = Readonly<Record<string, Choosable>>;

/** One parameter of a space, out of its groups and branches. */
export interface FlatParameter {
  /** Path joined by dots: `optimizer`, `optimizer.sgd.momentum`. */
  readonly name: string;
  readonly dimension: FlatDimension;
  /** The branch it belongs to: it exists in trials whose `parameter` has this `value`. Absent: always there. */
  readonly condition?: { readonly parameter: string; readonly value: string };
}

/** The parameters of a space, each after the branch that it belongs to. */
export type FlatSpace = readonly FlatParameter[];

/**
 * Lists the parameters of a space.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for what is no space, an empty one, or two parameters of the same path
 */
export function flattenSpace(space: SearchSpace): FlatSpace {
  const parameters: FlatParameter[] = [];
  collect(space, '', undefined, parameters);
  if (parameters.length === 0) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected at least one parameter for space of search() options');
  }
  const names = parameters.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return parameters;
  throw new PerceptError('INVALID_ARGUMENT', `Expected every path once in the space but ${twice} is there twice`);
}

function collect(
  space: SearchSpace,
  path: string,
  condition: FlatParameter['condition'],
  parameters: FlatParameter[],
): void {
  if (typeof space !== 'object' || space === null || Array.isArray(space)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a parameter (float, int, choice, branch) or a group of them for ${path === '' ? 'the space' : path} but received ${describeValue(space)}`,
    );
  }
  for (const [key, entry] of Object.entries(space)) {
    const name = path === '' ? key : `${path}.${key}`;
    if (!isDimension(entry)) {
      collect(entry, name, condition, parameters);
    } else if (entry.kind !== 'branch') {
      parameters.push({ name, dimension: entry, ...(condition && { condition }) });
    } else {
      const options = Object.keys(entry.branches);
      parameters.push({ name, dimension: { kind: 'choice', options }, ...(condition && { condition }) });
      for (const value of options) {
        collect(entry.branches[value] as SearchSpace, `${name}.${value}`, { parameter: name, value }, parameters);
      }
    }
  }
}

function isDimension(entry: Dimension | SearchSpace): entry is Dimension {
  return typeof entry?.kind === 'string';
}

/** Whether a parameter exists beside these values. */
export function isActive({ condition }: FlatParameter, values: FlatValues): boolean {
  return condition === undefined || values[condition.parameter] === condition.value;
}

/** Walks a space in order and gives every parameter that exists a value, so branches decide what comes after them. */
export function assign(space: FlatSpace, draw: (parameter: FlatParameter) => Choosable): FlatValues {
  const values: Record<string, Choosable> = {};
  for (const parameter of space) {
    if (isActive(parameter, values)) values[parameter.name] = draw(parameter);
  }
  return values;
}

/** The values as the user's space nests them; a branch becomes `{ type, … }`. */
export function nestValues(space: SearchSpace, values: FlatValues, path = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(space).map(([key, entry]) => {
      const name = path === '' ? key : `${path}.${key}`;
      if (!isDimension(entry)) return [key, nestValues(entry, values, name)];
      const value = values[name];
      if (entry.kind !== 'branch') return [key, value];
      const inner = entry.branches[value as string] as SearchSpace;
      return [key, { type: value, ...nestValues(inner, values, `${name}.${value}`) }];
    }),
  );
}
