// What SciPy and Optuna compute, recorded by test/goldens/train/search.py.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FlatValues } from './flat-space.js';
import { flattenSpace } from './flat-space.js';
import { branin, braninSpace, conditional, conditionalSpace, hartmann, hartmannSpace } from './functions.fixture.js';
import { bracketShares } from './hyperband.js';
import { parameterImportance } from './importance.js';
import { medianPruner } from './median-pruner.js';
import { ParzenEstimator } from './parzen-estimator.js';
import type { Pruner } from './pruner.js';
import { randomSampler } from './random-sampler.js';
import { type SearchResult, search } from './search.js';
import type { SearchOptions } from './search-options.js';
import { sobolPoint } from './sobol.js';
import { choice, float, int, type SearchSpace } from './space.js';
import { successiveHalvingPruner } from './successive-halving.js';
import type { Objective, Trial } from './trial.js';

interface Recording {
  readonly best: Readonly<Record<'branin' | 'hartmann' | 'conditional', readonly number[]>>;
  readonly sobol: {
    readonly points: readonly (readonly number[])[];
    readonly scrambledDiscrepancy: { readonly count: number; readonly dims: number; readonly median: number };
  };
  readonly parzen: readonly {
    readonly observed: readonly Readonly<Record<string, number>>[];
    readonly asked: readonly Readonly<Record<string, number>>[];
    readonly logDensities: readonly number[];
  }[];
  readonly pruners: {
    readonly curves: readonly (readonly (number | null)[])[];
    readonly ended: Readonly<Record<string, readonly (number | null)[]>>;
    readonly brackets: readonly number[];
  };
  readonly importance: {
    readonly trials: readonly { readonly values: FlatValues; readonly value: number }[];
    readonly importances: Readonly<Record<string, number>>;
  };
}

const recorded = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/search.json', import.meta.url), 'utf8'),
) as Recording;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** The centred L2 discrepancy (Hickernell 1998), which is `scipy.stats.qmc.discrepancy`. */
function discrepancy(points: readonly (readonly number[])[]): number {
  const product = (values: readonly number[], factor: (value: number, at: number) => number): number =>
    values.reduce((all, value, at) => all * factor(value, at), 1);
  const far = (value: number): number => Math.abs(value - 0.5);
  const single = points.reduce((sum, point) => sum + product(point, (x) => 1 + far(x) / 2 - far(x) ** 2 / 2), 0);
  const pairs = points.reduce(
    (sum, a) =>
      sum +
      points.reduce(
        (inner, b) => inner + product(a, (x, at) => 1 + far(x) / 2 + far(b[at]!) / 2 - Math.abs(x - b[at]!) / 2),
        0,
      ),
    0,
  );
  const n = points.length;
  return (13 / 12) ** points[0]!.length - (2 / n) * single + pairs / n ** 2;
}

describe("Sobol' points", () => {
  it('are those of SciPy, in 128 dimensions', () => {
    expect(recorded.sobol.points.map((_, index) => sobolPoint(index, 128))).toEqual(recorded.sobol.points);
  });

  it('are spread as evenly as those of SciPy when scrambled', () => {
    const { count, dims, median: theirs } = recorded.sobol.scrambledDiscrepancy;
    const ours = Array.from({ length: 20 }, (_, scramble) =>
      discrepancy(Array.from({ length: count }, (_, index) => sobolPoint(index, dims, { scramble }))),
    );
    expect(median(ours) / theirs).toBeGreaterThan(0.9);
    expect(median(ours) / theirs).toBeLessThan(1.1);
  });
});

describe('Parzen estimators', () => {
  const kinds = ['a', 'b', 'c'];
  const space = flattenSpace({
    rate: float(1e-4, 1, { log: true }),
    share: float(-1, 2),
    stepped: float(0, 1, { step: 0.25 }),
    layers: int(1, 9),
    width: int(4, 300, { log: true }),
    kind: choice(kinds),
  });
  const named = (row: Readonly<Record<string, number>>): FlatValues => ({ ...row, kind: kinds[row.kind!]! });

  it.each(recorded.parzen)('have the densities of Optuna (case %#)', ({ observed, asked, logDensities }) => {
    const estimator = new ParzenEstimator(space, observed.map(named), 1);
    for (const [at, row] of asked.entries()) {
      expect(estimator.logDensity(named(row))).toBeCloseTo(logDensities[at]!, 9);
    }
  });
});

describe('pruners', () => {
  const { curves, ended, brackets } = recorded.pruners;
  const pruners: Record<string, Pruner> = {
    median: medianPruner(),
    medianLate: medianPruner({ startupTrials: 8, warmupSteps: 6, intervalSteps: 3, minTrials: 4 }),
    halving: successiveHalvingPruner({ minResource: 1, reductionFactor: 3 }),
    halvingLate: successiveHalvingPruner({
      minResource: 2,
      reductionFactor: 4,
      earlyStoppingRate: 1,
      bootstrapTrials: 3,
    }),
  };

  it.each(Object.entries(ended))('%s ends the trials that Optuna ends, where it ends them', async (name, ends) => {
    const [pruner, direction] = name.split(':') as [string, 'minimize' | 'maximize'];
    const { trials } = await search(
      ({ number, report, shouldPrune }) => {
        for (const [at, value] of curves[number]!.entries()) {
          report(at + 1, value ?? Number.NaN);
          if (shouldPrune()) break;
        }
        return curves[number]!.at(-1)!;
      },
      {
        space: { x: float(0, 1) },
        sampler: randomSampler(),
        pruner: pruners[pruner]!,
        direction,
        trials: 60,
        window: 1,
      },
    );
    const at = ({ state, reports }: Trial): number | null => (state === 'pruned' ? reports.at(-1)!.step : null);
    expect(trials.map(at)).toEqual(ends);
    expect(ends.some((step) => step !== null) && ends.some((step) => step === null)).toBe(true);
  });

  it('has the brackets of Optuna in Hyperband', () => {
    expect(bracketShares(27, 3)).toEqual(brackets);
    expect(bracketShares(243, 3)).toHaveLength(6);
  });
});

describe('parameterImportance', () => {
  const space = flattenSpace(conditionalSpace);
  const trials = recorded.importance.trials.map(
    ({ values, value }, number): Trial => ({
      number,
      params: {},
      values,
      value,
      state: 'complete',
      reports: [],
      seconds: 0,
    }),
  );

  it('is that of Optuna, for parameters of branches too', () => {
    const ours = parameterImportance({ trials, space, direction: 'minimize' });
    expect(Object.keys(ours)).toEqual(Object.keys(recorded.importance.importances));
    for (const [name, importance] of Object.entries(recorded.importance.importances)) {
      expect(ours[name]).toBeCloseTo(importance, 9);
    }
  });

  it('is the same for the negated values to be maximized', () => {
    const negated = trials.map((trial) => ({ ...trial, value: -trial.value! }));
    expect(parameterImportance({ trials: negated, space, direction: 'maximize' })).toEqual(
      parameterImportance({ trials, space, direction: 'minimize' }),
    );
  });
});

describe('tpeSampler', () => {
  // The three have different parameters.
  const searchAny = search as (
    objective: Objective<never>,
    options: SearchOptions<SearchSpace>,
  ) => Promise<SearchResult>;
  const problems: Record<keyof Recording['best'], readonly [Objective<never>, SearchSpace]> = {
    branin: [branin, braninSpace],
    hartmann: [hartmann, hartmannSpace],
    conditional: [conditional, conditionalSpace],
  };

  it.each(Object.entries(recorded.best) as [keyof typeof problems, number[]][])(
    'finds on %s in 50 trials at least what Optuna finds, in the median of a hundred seeds',
    async (name, theirs) => {
      const [objective, space] = problems[name];
      const ours = await Promise.all(
        theirs.map(async (_, seed) => {
          const { best } = await searchAny(objective, { space, trials: 50, seed, window: 1 });
          return best.value;
        }),
      );
      expect(median(ours)).toBeLessThanOrEqual(median(theirs));
    },
    120_000,
  );
});
