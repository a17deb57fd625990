import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';

/** A real number in `[low, high]`. Made by {@link float}. */
export interface FloatDimension {
  readonly kind: 'float';
  readonly low: number;
  readonly high: number;
  /** Drawn evenly over its logarithm. */
  readonly log: boolean;
  /** Distance between allowed values, counted from `low`. */
  readonly step?: number;
}

/** A whole number in `[low, high]`. Made by {@link int}. */
export interface IntDimension {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  /** Drawn evenly over its logarithm. */
  readonly log: boolean;
  /** Distance between allowed values, counted from `low`. */
  readonly step: number;
}

/** What a {@link choice} is made among. */
export type Choosable = string | number | boolean;

/** One of several values without an order. Made by {@link choice}. */
export interface ChoiceDimension<Value extends Choosable = Choosable> {
  readonly kind: 'choice';
  readonly options: readonly Value[];
}

/** One of several subspaces, each with parameters of its own. Made by {@link branch}. */
export interface BranchDimension<Branches extends Readonly<Record<string, object>> = Readonly<Record<string, object>>> {
  readonly kind: 'branch';
  readonly branches: Branches;
}

/** One parameter of a search. */
export type Dimension = FloatDimension | IntDimension | ChoiceDimension | BranchDimension;

/** What is searched: parameters by name, in groups where the names say so. */
export interface SearchSpace {
  readonly [name: string]: Dimension | SearchSpace;
}

/** The parameters that a trial in this space is given. */
export type Parameters<Space> = { -readonly [Name in keyof Space]: ParameterOf<Space[Name]> };

type ParameterOf<Entry> = Entry extends FloatDimension | IntDimension
  ? number
  : Entry extends ChoiceDimension<infer Value>
    ? Value
    : Entry extends BranchDimension<infer Branches>
      ? { [Type in keyof Branches]: Merged<{ type: Type } & Parameters<Branches[Type]>> }[keyof Branches]
      : Parameters<Entry>;

/** One object type instead of an intersection, which editors show as it is. */
type Merged<Intersection> = { [Name in keyof Intersection]: Intersection[Name] };

/** Options of {@link float}. */
export interface FloatOptions {
  /** Draws evenly over the logarithm; needs `low` above 0 and no `step`. Default `false`. */
  log?: boolean;
  /** Allows `low`, `low + step`, … up to `high` only, above 0. Default: every number. */
  step?: number;
}

/** Options of {@link int}. */
export interface IntOptions {
  /** Draws evenly over the logarithm; needs `low` of at least 1 and no `step`. Default `false`. */
  log?: boolean;
  /** Allows `low`, `low + step`, … up to `high` only, at least 1. Default 1. */
  step?: number;
}

const floatSchema = z.strictObject({ log: z.boolean().default(false), step: z.number().gt(0).optional() });
const intSchema = z.strictObject({ log: z.boolean().default(false), step: z.int().min(1).default(1) });
const limits = z.strictObject({ low: z.number(), high: z.number() });
const wholeLimits = z.strictObject({ low: z.int(), high: z.int() });

/**
 * A real number in `[low, high]`; with a `step`, `high` is lowered to the last value that the steps reach.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for limits or options out of range
 */
export function float(low: number, high: number, options: FloatOptions = {}): FloatDimension {
  parseOptions(limits, { low, high }, 'float() limits');
  const { log, step } = parseOptions(floatSchema, options, 'float() options');
  checkLimits('float', { low, high, log, stepped: step !== undefined }, low > 0);
  if (step === undefined) return { kind: 'float', low, high, log };
  // 1e-9 of a step forgives what decimal fractions lose in binary: 0, 0.1, … reaches 0.3.
  return { kind: 'float', low, high: low + Math.floor((high - low) / step + 1e-9) * step, log, step };
}

/**
 * A whole number in `[low, high]`; with a `step`, `high` is lowered to the last value that the steps reach.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for limits or options out of range
 */
export function int(low: number, high: number, options: IntOptions = {}): IntDimension {
  parseOptions(wholeLimits, { low, high }, 'int() limits');
  const { log, step } = parseOptions(intSchema, options, 'int() options');
  checkLimits('int', { low, high, log, stepped: step !== 1 }, low >= 1);
  return { kind: 'int', low, high: low + Math.floor((high - low) / step) * step, log, step };
}

function checkLimits(
  name: string,
  { low, high, log, stepped }: { low: number; high: number; log: boolean; stepped: boolean },
  positive: boolean,
): void {
  const refuse = (expected: string, came: string): never => {
    throw new PerceptError('INVALID_ARGUMENT', `Expected ${expected} for ${name}() but received ${came}`);
  };
  if (low > high) refuse('low <= high', `${low} and ${high}`);
  if (log && !positive) refuse(`low ${name === 'int' ? 'of at least 1' : 'above 0'} with log`, String(low));
  if (log && stepped) refuse('either log or step', 'both');
}

/**
 * One of several values without an order: text, numbers or booleans, at least one, each once.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an empty list, other values, or the same value twice
 */
export function choice<const Value extends Choosable>(options: readonly Value[]): ChoiceDimension<Value> {
  const schema = z.array(z.union([z.string(), z.number(), z.boolean()])).min(1);
  parseOptions(schema, options, 'choice() options');
  if (new Set(options).size < options.length) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected every option of choice() once but received ${options.join()}`);
  }
  return { kind: 'choice', options: [...options] };
}

/**
 * One of several subspaces: `branch({ sgd: { momentum: float(0, 1) }, adam: {} })` gives a trial either
 * `{ type: 'sgd', momentum }` or `{ type: 'adam' }`. Parameters of the others do not exist in that trial.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when there is no branch, or one has a parameter named `type`
 */
export function branch<const Branches extends Readonly<Record<string, SearchSpace>>>(
  branches: Branches,
): BranchDimension<Branches> {
  parseOptions(z.record(z.string(), z.looseObject({})), branches, 'branch() branches');
  if (Object.keys(branches).length === 0) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected at least one branch for branch() but received none');
  }
  for (const [name, space] of Object.entries(branches)) {
    if (!Object.hasOwn(space, 'type')) continue;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected no parameter named type in branch ${name} of branch(): the name of the branch stands there; rename it`,
    );
  }
  return { kind: 'branch', branches };
}
