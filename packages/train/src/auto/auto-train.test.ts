import { isPerceptError, type Progress } from '@percept/core';
import { readMetadata, withMetadata } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { plotFromSpec, textTable } from '@percept/report';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { smallCnn } from '../builders/small-cnn.js';
import type { AutoTrainOptions } from './auto-train-options.js';
import { type AutoTrainResult, autoTrain } from './index.js';
import type { AutoTrainPlan } from './plan.js';
import { quarters, rawLoader } from './samples.fixture.js';

const plan: AutoTrainPlan = {
  rounds: 3,
  judged: 18,
  imagesPerRound: { smallCnn: 64, cifarResnet20: 32 },
  secondsPerImage: { smallCnn: 1e-3, cifarResnet20: 3e-3 },
};
const small: AutoTrainOptions = {
  budget: 600,
  loader: rawLoader,
  augmentations: ['dark'],
  architectures: ['smallCnn'],
  trials: 6,
  plan: { ...plan, imagesPerRound: { smallCnn: 64 } },
  threads: 1,
  runtime: onnxruntimeNode({ worker: false }),
};
// The last training would take its time from a budget that is there to not cut off trials.
const searching = { ...small, plan: { ...small.plan!, secondsPerImage: { smallCnn: 1e6 } } };
const tried = ({ report }: AutoTrainResult) => report.search.trials.map(({ seconds: _, ...trial }) => trial);
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error) => (isPerceptError(error) ? error.code : String(error)),
  );

describe('autoTrain', () => {
  it('makes a model of samples and a time, and tells what it tried', async () => {
    const progress: Progress[] = [];
    const { plan: _, trials: __, ...free } = small;
    const options = { ...free, budget: 6, onProgress: (told: Progress) => void progress.push(told) };
    const result = await autoTrain(quarters(), options);
    const { model, accuracy, report } = result;
    expect(accuracy).toBeGreaterThan(0.9);
    expect(readMetadata(model)).toMatchObject({
      labels: ['top left', 'top right', 'bottom left'],
      preprocess: { color: 'gray', resize: { mode: 'exact', width: 8, height: 8 } },
      lineage: { seed: 0 },
    });
    const { search, leaderboard, plots, summary } = report;
    expect(leaderboard).toHaveLength(search.trials.length);
    expect(leaderboard[0]).toMatchObject({ rank: 1, state: 'complete', accuracy: search.best.value });
    expect(textTable(leaderboard.map((row) => ({ ...row })))).toContain('oneCycle');
    for (const plot of [plots.history, plots.importance, plots.parallelCoordinates, ...plots.learningCurves]) {
      expect(plotFromSpec(plot).toSvg()).toContain('<svg');
    }
    expect(summary).toMatch(/trials in up to \d rounds with smallCnn/);
    expect(summary).toContain('Learnt from 72 images, judged by 18.');
    const stages = new Set(progress.map(({ stage }) => stage));
    expect([...stages].slice(0, 3)).toEqual(['read labels', 'measure models', 'search']);
    expect(progress.findLast(({ stage }) => stage === 'search')!.values).toMatchObject({
      best: expect.any(Number),
      secondsLeft: expect.any(Number),
    });
    // A trial that has begun is finished; machines that do other things beside are slow.
    expect(report.seconds).toBeLessThan(30);
  });

  it('tries the same with the same plan and seed, one after another or at once', async () => {
    const one = await autoTrain(quarters(), searching);
    expect(one.report.search.trials).toHaveLength(6);
    expect(one.report.history).toEqual([]);
    for (const parallel of [2, 4]) {
      const several = await autoTrain(quarters(), { ...searching, parallel });
      expect(tried(several)).toEqual(tried(one));
      expect(several.model).toEqual(one.model);
    }
    const other = await autoTrain(quarters(), { ...searching, seed: 1, trials: 2 });
    expect(tried(other)).not.toEqual(tried(one).slice(0, 2));
  });

  it('goes on where it was aborted, within a trial too, to the same end', async () => {
    const whole = await autoTrain(quarters(), { ...searching, trials: 4 });
    const stored = { storage: memoryStorage(), key: 'a' };
    for (const rounds of [2, 3]) {
      const controller = new AbortController();
      let told = 0;
      const onProgress = ({ stage }: Progress): void => {
        if (stage === 'search' && ++told === rounds) controller.abort();
      };
      const aborted = autoTrain(quarters(), {
        ...searching,
        ...stored,
        trials: 4,
        onProgress,
        signal: controller.signal,
      });
      expect(await failure(aborted)).toBe('ABORTED');
    }
    // Without the plan: it is in the storage.
    const { plan: _, ...rest } = searching;
    const resumed = await autoTrain(quarters(), { ...rest, ...stored, trials: 4 });
    expect(tried(resumed)).toEqual(tried(whole));
    expect(resumed.model).toEqual(whole.model);
    expect(resumed.report.search.resumed).toBeGreaterThan(0);
    const left: string[] = [];
    for await (const { key } of stored.storage.list('a/')) left.push(key.replace(/\d{6}/, 'n'));
    expect(new Set(left)).toEqual(new Set(['a/auto.json', 'a/models/n.onnx', 'a/search.json', 'a/trials/n.json']));
    expect(await failure(autoTrain(quarters(), { ...rest, ...stored, seed: 9 }))).toBe('TRAIN_SEARCH_MISMATCH');
    await stored.storage.write('a/auto.json', new TextEncoder().encode('{}'));
    expect(await failure(autoTrain(quarters(), { ...rest, ...stored }))).toBe('TRAIN_SEARCH_INVALID');
  });

  it('trains the best again for as long as there is time for, and gives the better of both', async () => {
    const budgeted = { ...small, budget: 10, trials: 2, plan: { ...small.plan!, secondsPerImage: { smallCnn: 5e-3 } } };
    const { report, accuracy } = await autoTrain(quarters(), budgeted);
    // 0.35 · 10 s at 5 ms for each of 72 + 18 / 3 images.
    expect(report.history).toHaveLength(8);
    const best = Math.max(...report.history.map(({ validationAccuracy }) => validationAccuracy!));
    expect(accuracy).toBe(Math.max(best, report.search.best.value));
  });

  it('keeps the model of the trial where the training of the best diverges', async () => {
    // Trials end before the fifth pass over the data.
    const loader: typeof rawLoader = (request) => {
      const source = rawLoader(request);
      return {
        ...source,
        async *batches(position) {
          for await (const batch of source.batches(position)) {
            if (position.epoch >= 5) (batch.inputs.data as Float32Array).fill(Number.NaN);
            yield batch;
          }
        },
      };
    };
    const plan = { ...small.plan!, secondsPerImage: { smallCnn: 5e-3 } };
    const { model, accuracy, report } = await autoTrain(quarters(), { ...small, loader, budget: 10, trials: 2, plan });
    expect(accuracy).toBe(report.search.best.value);
    expect(readMetadata(model).labels).toEqual(quarters().classes);
    expect(report.history).toHaveLength(5);
    expect(report.summary).toMatch(/Its model is the result; its longer training diverged: .* epoch 5/);
  });

  it('keeps the seconds of the search as they go, for a process that is killed', async () => {
    const storage = memoryStorage();
    const killed = new Map<string, Uint8Array>();
    let spentAtTrial = Number.NaN;
    const onProgress = async ({ stage, values, done }: Progress): Promise<void> => {
      if (stage !== 'search' || values?.trials !== 3 || killed.size > 0) return;
      killed.set('a/auto.json', await storage.read('a/auto.json'));
      for await (const { key } of storage.list('a/')) killed.set(key, await storage.read(key));
      spentAtTrial = done;
    };
    await autoTrain(quarters(), { ...searching, storage, key: 'a', trials: 4, onProgress });
    const { spent } = JSON.parse(new TextDecoder().decode(killed.get('a/auto.json'))) as { spent: number };
    expect(spent).toBeGreaterThan(0);
    expect(Math.round(spent)).toBeLessThanOrEqual(spentAtTrial + 1);
  });

  it('fine-tunes models, their heads alone and whole, with their own preprocessing', async () => {
    const trunk = smallCnn({ classes: 5, size: 12, width: 4, seed: 3 });
    const preprocess = {
      color: 'gray',
      resize: { mode: 'exact', width: 12, height: 12 },
      scale: 1 / 255,
      mean: [0.4],
      std: [0.3],
    } as const;
    const model = withMetadata(trunk, { preprocess, labels: ['a', 'b', 'c', 'd', 'e'] });
    const imagesPerRound = { 'mine (head)': 64, 'mine (whole)': 64 };
    const secondsPerImage = { 'mine (head)': 1e6, 'mine (whole)': 1e6 };
    const { architectures: _, ...rest } = small;
    const options = { ...rest, trials: 2, plan: { rounds: 1, judged: 10, imagesPerRound, secondsPerImage } };
    const { report, model: trained } = await autoTrain(quarters(), { ...options, models: { mine: model } });
    expect(report.search.trials.map(({ params }) => params.model)).toEqual(['mine (head)', 'mine (whole)']);
    expect(readMetadata(trained)).toMatchObject({ preprocess, labels: quarters().classes });
    expect(await failure(autoTrain(quarters(), { ...options, models: { mine: trunk } }))).toBe('INVALID_ARGUMENT');
  });

  it('judges by data of its own, and says what is missing', async () => {
    const { report } = await autoTrain(quarters(40), { ...searching, validation: quarters(15), trials: 1 });
    expect(report.summary).toContain('Learnt from 40 images, judged by 15.');
    const refused = (options: Partial<AutoTrainOptions>, images = 30) =>
      failure(autoTrain(quarters(images), { ...small, ...options }));
    expect(await refused({ validation: quarters(9, ['x', 'y']) })).toBe('INVALID_ARGUMENT');
    expect(await refused({ key: 'a' })).toBe('INVALID_ARGUMENT');
    expect(await refused({ architectures: [] })).toBe('INVALID_ARGUMENT');
    expect(await refused({ budget: 0 })).toBe('INVALID_ARGUMENT');
    expect(await refused({ plan: { ...plan, imagesPerRound: { resnet: 3 } } })).toBe('INVALID_ARGUMENT');
    expect(await refused({}, 1)).toBe('TRAIN_DATA_INVALID');
    expect(await failure(autoTrain(quarters(30, ['one']), small))).toBe('INVALID_ARGUMENT');
    const grey = ({ preprocess, ...request }: Parameters<typeof rawLoader>[0]) =>
      rawLoader({ ...request, preprocess: { ...preprocess, mean: [0], std: [1] } });
    expect(await refused({ loader: grey })).toBe('TRAIN_DATA_INVALID');
  });
});
