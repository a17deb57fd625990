import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import type { FlatParameter } from './flat-space.js';
import { type ImportanceSource, parameterImportance } from './importance.js';

/** A horizontal bar plot of importances, the most important first. */
export interface ImportancePlotSpec {
  readonly kind: 'bar';
  readonly title: string;
  readonly horizontal: true;
  readonly categories: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly x: { readonly label: string };
}

/** Values of the trials, and the best so far, over the number of the trial. */
export interface HistoryPlotSpec {
  readonly kind: 'line';
  readonly title: string;
  readonly x: { readonly label: string };
  readonly y: { readonly label: string };
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** Complete trials across one axis per parameter, coloured by their value. */
export interface ParallelPlotSpec {
  readonly kind: 'parallel';
  readonly title: string;
  readonly axes: readonly { readonly key: string; readonly label: string; readonly scale?: 'log' }[];
  readonly rows: readonly Readonly<Record<string, number | string>>[];
  readonly color: string;
}

/** Options of {@link parallelCoordinates}. */
export interface ParallelCoordinatesOptions {
  /** Paths of the parameters to show; trials that lack one of them are left out. Default: all outside of branches. */
  parameters?: readonly string[];
}

const schema = z.strictObject({ parameters: z.array(z.string()).min(1).optional() });
/** No parameter has an empty path. */
const valueKey = '';

/** The plot of {@link parameterImportance}, for `plotFromSpec` of `@percept/report`. */
export function importancePlot(source: ImportanceSource): ImportancePlotSpec {
  const importance = parameterImportance(source);
  return {
    kind: 'bar',
    title: 'Importance of parameters',
    horizontal: true,
    categories: Object.keys(importance),
    series: [{ name: 'importance', values: Object.values(importance) }],
    x: { label: 'importance (PED-ANOVA)' },
  };
}

/** How the search went, for `plotFromSpec` of `@percept/report`: complete trials as points, the best so far as a line. */
export function historyPlot({ trials, direction }: ImportanceSource): HistoryPlotSpec {
  const complete = trials.filter(({ state }) => state === 'complete');
  const better = direction === 'minimize' ? Math.min : Math.max;
  let best = complete[0]?.value ?? 0;
  const bestSoFar = complete.map(({ number, value }): [number, number] => {
    best = better(best, value!);
    return [number, best];
  });
  // A point without a place between any two makes them stand alone.
  const points = complete.flatMap(({ number, value }): [number, number][] => [
    [number, value!],
    [number, Number.NaN],
  ]);
  return {
    kind: 'line',
    title: 'Values of trials',
    x: { label: 'trial' },
    y: { label: 'value' },
    series: [
      { name: 'trial', points },
      { name: 'best so far', points: bestSoFar },
    ],
  };
}

/**
 * Complete trials as lines across their parameters, for `plotFromSpec` of `@percept/report`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for parameters that the space has not
 */
export function parallelCoordinates(
  source: ImportanceSource,
  options: ParallelCoordinatesOptions = {},
): ParallelPlotSpec {
  const { parameters } = parseOptions(schema, options, 'parallelCoordinates() options');
  const shown = parameters
    ? parameters.map((name) => parameterOf(source, name))
    : source.space.filter(({ condition }) => condition === undefined);
  const complete = source.trials.filter(({ state }) => state === 'complete');
  return {
    kind: 'parallel',
    title: 'Parameters of trials',
    axes: [
      ...shown.map(({ name, dimension }) => ({
        key: name,
        label: name,
        ...(dimension.kind !== 'choice' && dimension.log && { scale: 'log' as const }),
      })),
      { key: valueKey, label: 'value' },
    ],
    rows: complete.map(({ values, value }) => ({
      ...Object.fromEntries(
        shown.flatMap(({ name, dimension }) => {
          const one = values[name];
          if (one === undefined) return [];
          return [[name, dimension.kind === 'choice' ? String(one) : (one as number)]];
        }),
      ),
      [valueKey]: value!,
    })),
    color: valueKey,
  };
}

function parameterOf({ space }: ImportanceSource, name: string): FlatParameter {
  const parameter = space.find((one) => one.name === name);
  if (parameter) return parameter;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected some of ${space.map((one) => one.name).join(', ')} for parameters of parallelCoordinates() options but received ${name}`,
  );
}
