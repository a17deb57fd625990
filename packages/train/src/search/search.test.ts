import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isPerceptError, PerceptError, type Progress } from '@percept/core';
import { plotFromSpec } from '@percept/report';
import { writeJson } from '@percept/storage';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { curveOptions, reportedCurve } from './curves.fixture.js';
import { hyperbandPruner } from './hyperband.js';
import { medianPruner } from './median-pruner.js';
import { randomSampler } from './random-sampler.js';
import { type SearchResult, search } from './search.js';
import type { SearchOptions } from './search-options.js';
import { historyPlot, importancePlot, parallelCoordinates } from './search-plots.js';
import { sobolSampler } from './sobol-sampler.js';
import { branch, choice, float, int } from './space.js';
import type { RunningTrial, Trial } from './trial.js';

const codeOf = (error: unknown): string => (isPerceptError(error) ? error.code : String(error));
const failure = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'nothing', codeOf);
const withoutTimes = ({ trials }: Pick<SearchResult, 'trials'>): Omit<Trial, 'seconds'>[] =>
  trials.map(({ seconds: _, ...trial }) => trial);
const square = ({ params: { x } }: RunningTrial<{ x: number }>): number => (x - 0.3) ** 2;
const line = { x: float(0, 1) };

describe('search', () => {
  it('hands over parameters of the type of the space, and finds the best', async () => {
    const space = {
      rate: float(1e-4, 1, { log: true }),
      layers: int(1, 4),
      augment: { flip: choice([true, false]), policy: choice(['none', 'rand']) },
      optimizer: branch({ sgd: { momentum: float(0, 1) }, adam: {} }),
    };
    const progress: Progress[] = [];
    const result = await search(
      ({ params }) => {
        expectTypeOf(params).toEqualTypeOf<{
          rate: number;
          layers: number;
          augment: { flip: boolean; policy: 'none' | 'rand' };
          optimizer: { type: 'sgd'; momentum: number } | { type: 'adam' };
        }>();
        return params.layers + (params.optimizer.type === 'sgd' ? params.optimizer.momentum : 2);
      },
      { space, trials: 30, direction: 'maximize', seed: 1, onProgress: (told) => progress.push(told) },
    );
    expect(result.best.value).toBe(Math.max(...result.trials.map(({ value }) => value!)));
    expect(result.best.params.layers).toBe(4);
    const { values, params } = result.trials.find((trial) => trial.params.optimizer.type === 'sgd')!;
    expect(Object.keys(values)).toEqual([
      'rate',
      'layers',
      'augment.flip',
      'augment.policy',
      'optimizer',
      'optimizer.sgd.momentum',
    ]);
    expect(params.optimizer).toEqual({ type: 'sgd', momentum: values['optimizer.sgd.momentum'] });
    expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(progress.at(-1)).toEqual({
      stage: 'search',
      done: 30,
      total: 30,
      unit: 'trials',
      values: { best: result.best.value },
    });
  });

  it.each([
    ['no pruner', undefined],
    ['the median', medianPruner({ startupTrials: 2 })],
    ['successive halving', curveOptions.pruner],
    ['Hyperband', hyperbandPruner({ maxResource: 8, reductionFactor: 2 })],
  ])('gives the same trials at 1, 2 and 4 at once, in whatever order they end (%s)', async (_, pruner) => {
    const run = async (parallel: number): Promise<unknown> => {
      let running = 0;
      let most = 0;
      const ends: number[] = [];
      const result = await search(
        async (trial) => {
          most = Math.max(most, ++running);
          const value = reportedCurve(trial);
          await setTimeout(Math.random() * 4);
          running--;
          ends.push(trial.number);
          return value;
        },
        {
          ...curveOptions,
          parallel,
          ...(pruner ? { pruner } : { pruner: { description: 'none', shouldPrune: () => false } }),
        },
      );
      expect(most).toBe(parallel);
      if (parallel > 1) expect(ends).not.toEqual(ends.toSorted((a, b) => a - b));
      if (pruner) expect(result.trials.some(({ state }) => state === 'pruned')).toBe(true);
      return withoutTimes(result);
    };
    const alone = await run(1);
    expect(await run(2)).toEqual(alone);
    expect(await run(4)).toEqual(alone);
  });

  it('records trials that fail, and goes on', async () => {
    const { trials, best } = await search(
      ({ number, params: { x } }) => {
        if (number === 0) throw new Error('out of memory');
        return number === 1 ? Number.NaN : x;
      },
      { space: line, trials: 20 },
    );
    expect(trials[0]).toMatchObject({ state: 'failed', error: 'out of memory' });
    expect(trials[1]).toMatchObject({ state: 'failed', error: expect.stringContaining('received NaN') });
    expect(trials.slice(2).every(({ state }) => state === 'complete')).toBe(true);
    expect(best.number).toBeGreaterThan(1);
  });

  it('says why when no trial was complete', async () => {
    const broken = search(() => Promise.reject(new Error('no such file')), { space: line, trials: 3 });
    await expect(broken).rejects.toMatchObject({ code: 'TRAIN_SEARCH_FAILED', message: /no such file/ });
  });

  it('begins no trial when the time is over', async () => {
    const { trials } = await search(
      async (trial) => {
        await setTimeout(20);
        return square(trial);
      },
      { space: line, seconds: 0.15 },
    );
    expect(trials.length).toBeGreaterThan(0);
    expect(trials.length).toBeLessThan(9);
  });

  it('ends when it is aborted, tells the trials, and records none that was cut short', async () => {
    const storage = memoryStorage();
    const options = { space: line, trials: 20, seed: 3, parallel: 2, storage, key: 'a' };
    const controller = new AbortController();
    const aborted = search(
      async (trial) => {
        trial.report(1, 0.5);
        if (trial.number === 7) controller.abort();
        await setTimeout(2);
        trial.signal.throwIfAborted();
        return square(trial);
      },
      { ...options, signal: controller.signal },
    );
    expect(await failure(aborted)).toBe('ABORTED');
    const resumed = await search(square, options);
    expect(resumed.resumed).toBeGreaterThanOrEqual(6);
    expect(resumed.resumed).toBeLessThanOrEqual(7);
    const whole = await search(square, { ...options, storage: memoryStorage() });
    const values = (result: SearchResult<{ x: number }>): unknown[] => result.trials.map(({ values }) => values);
    expect(values(resumed)).toEqual(values(whole));
  });

  it('goes on after kill -9, and ends with the trials of a search that was never killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'percept-search-'));
    const start = () =>
      fork(new URL('killed-search.fixture.ts', import.meta.url), [folder], {
        execArgv: ['--conditions=@percept/source', '--import', 'tsx'],
      });
    try {
      for (const killAt of [7, 25]) {
        const killed = start();
        await new Promise<void>((resolve) => {
          killed.on('message', ({ done }: { done?: number }) => {
            if (done === killAt) killed.kill('SIGKILL');
          });
          killed.on('exit', () => resolve());
        });
        expect(killed.signalCode).toBe('SIGKILL');
      }
      const last = start();
      const result = await new Promise<{ trials: unknown; resumed: number }>((resolve, reject) => {
        last.on('message', (message: { trials?: unknown; resumed: number }) => {
          if (message.trials) resolve({ trials: message.trials, resumed: message.resumed });
        });
        last.on('exit', (code) => reject(new Error(`ended with ${code}`)));
      });
      expect(result.resumed).toBeGreaterThanOrEqual(25);
      expect(result.trials).toEqual(withoutTimes(await search(reportedCurve, curveOptions)));
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 120_000);

  it('reads back reports that were not finite, and asks for more trials', async () => {
    const storage = memoryStorage();
    const objective = (trial: RunningTrial<{ x: number }>): number => {
      trial.report(0, Number.POSITIVE_INFINITY);
      return square(trial);
    };
    const first = await search(objective, { space: line, trials: 5, storage, key: 'a' });
    const more = await search(objective, { space: line, trials: 8, storage, key: 'a' });
    expect(more.resumed).toBe(5);
    expect(more.trials.slice(0, 5)).toEqual(first.trials);
    expect(more.trials[0]!.reports).toEqual([{ step: 0, value: Number.NaN }]);
    expect(await search(objective, { space: line, trials: 3, storage, key: 'a' })).toMatchObject({ resumed: 3 });
  });

  it('refuses to go on with another search, or with what is none', async () => {
    const storage = memoryStorage();
    const options = { space: line, trials: 3, storage, key: 'a' };
    await search(square, options);
    const other = search(square, { ...options, seed: 1, sampler: randomSampler() });
    await expect(other).rejects.toMatchObject({
      code: 'TRAIN_SEARCH_MISMATCH',
      details: { differing: ['sampler', 'seed'] },
    });
    await writeJson(storage, 'a/trials/000001.json', { number: 'one' });
    expect(await failure(search(square, options))).toBe('TRAIN_SEARCH_INVALID');
  });

  it('ends with the error of the storage when a trial cannot be kept', async () => {
    const storage = memoryStorage();
    const write = storage.write.bind(storage);
    storage.write = async (key, data, options) => {
      if (key.includes('000002')) throw new PerceptError('STORAGE_FULL', 'no room');
      return write(key, data, options);
    };
    expect(await failure(search(square, { space: line, trials: 9, parallel: 3, storage, key: 'a' }))).toBe(
      'STORAGE_FULL',
    );
  });

  it('refuses options out of range', async () => {
    const refused = async (options: object): Promise<string> =>
      search(square, { space: line, trials: 3, ...options } as SearchOptions<typeof line>).then(
        () => 'nothing',
        (error: PerceptError) => error.message,
      );
    expect(await refused({ parallel: 5 })).toMatch(/parallel of at most 4 \(window\)/);
    expect(await refused({ trials: undefined })).toMatch(/trials or seconds/);
    expect(await refused({ key: 'a' })).toMatch(/storage and key together/);
    expect(await refused({ space: {} })).toMatch(/at least one parameter/);
    expect(await refused({ space: { x: 3 } })).toMatch(/for x but received 3/);
    expect(await refused({ space: { a: { b: float(0, 1) }, 'a.b': float(0, 1) } })).toMatch(/a\.b is there twice/);
    expect(await refused({ sampler: {} })).toMatch(/a sampler/);
    expect(await failure(search('x' as never, { space: line, trials: 1 }))).toBe('INVALID_ARGUMENT');
    const report = (trial: RunningTrial<{ x: number }>): number => {
      trial.report(2, 1);
      trial.report(2, 1);
      return 0;
    };
    const backwards = search(report, { space: line, trials: 1 });
    await expect(backwards).rejects.toMatchObject({ message: /step above 2 for report/ });
  });
});

describe('plots of a search', () => {
  it('are drawn by @percept/report', async () => {
    const result = await search(reportedCurve, { ...curveOptions, sampler: sobolSampler() });
    for (const spec of [importancePlot(result), historyPlot(result), parallelCoordinates(result)]) {
      expect(plotFromSpec(spec).toSvg()).toContain(spec.title);
      expect(plotFromSpec(JSON.parse(JSON.stringify(spec))).toSvg()).toBe(plotFromSpec(spec).toSvg());
    }
    const parameters = ['rate', 'optimizer.sgd.momentum'];
    const { axes, rows } = parallelCoordinates(result, { parameters });
    expect(axes.map(({ key, scale }) => [key, scale])).toEqual([
      ['rate', 'log'],
      ['optimizer.sgd.momentum', undefined],
      ['', undefined],
    ]);
    expect(rows).toHaveLength(result.trials.filter(({ state }) => state === 'complete').length);
    expect(() => parallelCoordinates(result, { parameters: ['lr'] })).toThrow(/received lr/);
    const best = historyPlot(result).series[1]!.points.map(([, value]) => value);
    expect(best).toEqual(best.toSorted((a, b) => b - a));
    expect(best.at(-1)).toBe(result.best.value);
  });
});
