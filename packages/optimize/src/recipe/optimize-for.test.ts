import { type BatchSource, keyedRandom, tensor } from '@percept/core';
import { type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { evaluate, sgd, smallCnn, Trainer } from '@percept/train';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyRecipe } from './apply-recipe.js';
import { type OptimizationResult, optimizeFor } from './optimize-for.js';
import { describeRecipe, type Recipe, readRecipe } from './recipe.js';
import { recipePage } from './recipe-page.js';

const runtime = onnxruntimeNode({ worker: false });
const [size, classes] = [16, ['dark', 'grey', 'bright']];

/** Noise of three brightnesses. */
function pictures(seed: string, batches: number): BatchSource {
  return {
    batchesPerEpoch: batches,
    classes,
    async *batches({ start = 0 }) {
      for (let batch = start; batch < batches; batch++) {
        const random = keyedRandom(seed, batch);
        const labels = Array.from({ length: 16 }, () => random.integer(0, 3));
        const pixels = Float32Array.from(
          { length: 16 * size * size },
          (_, at) => random.normal() + (labels[Math.floor(at / size ** 2)]! - 1) * 0.4,
        );
        yield {
          keys: labels.map((_, at) => `${batch}/${at}`),
          inputs: tensor('float32', [16, 1, size, size], pixels),
          labels: tensor('int64', [16], labels.map(BigInt)),
        };
      }
    },
  };
}

const judge = async (model: Model): Promise<number> =>
  (await evaluate(model, pictures('test', 8), { task: 'classification', runtime })).accuracy;

let model: Model;
let result: OptimizationResult;
const options = {
  target: { sizeMB: 0.06 },
  maxDrop: 0.05,
  evaluate: judge,
  data: pictures('train', 12),
  runtime,
  macs: [0.5],
  epochs: 2,
  images: 32,
  training: { runtime, threads: 1 },
  latency: { runs: 5, warmUp: 1 },
} as const;

beforeAll(async () => {
  const start = smallCnn({ classes: 3, size, width: 16 });
  const training = { data: pictures('train', 12), epochs: 3, optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }) };
  model = (await new Trainer({ model: start, runtime, threads: 1, ...training }).fit()).model;
  result = await optimizeFor(model, options);
}, 120_000);

describe('optimizeFor', () => {
  it('tries orders of steps, measures each, and gives the best that reaches the target', () => {
    const { best, models, failed } = result;
    expect(failed).toEqual([]);
    expect(models.map(({ name }) => name)).toEqual([
      'as given',
      'fold',
      'fold, float16',
      'fold, int8 for x64',
      'prune to 50 % of MACs, distill for 2 epochs, fold',
      'prune to 50 % of MACs, distill for 2 epochs, fold, int8 for x64',
    ]);
    for (const { score, latency, bytes } of models) {
      expect(score).toBeGreaterThan(0.3);
      expect(latency).toBeGreaterThan(0);
      expect(bytes).toBeGreaterThan(1000);
    }
    expect(best!.bytes).toBeLessThanOrEqual(60_000);
    expect(best!.score).toBeGreaterThanOrEqual(models[0]!.score - 0.05);
    const rivals = models.filter(({ bytes, score }) => bytes <= 60_000 && score >= models[0]!.score - 0.05);
    expect(best!.score).toBe(Math.max(...rivals.map(({ score }) => score)));
  });

  it('marks what no other candidate beats', () => {
    for (const one of result.models) {
      const beaten = result.models.some(
        (other) =>
          other !== one &&
          other.score >= one.score &&
          other.latency <= one.latency &&
          other.bytes <= one.bytes &&
          (other.score > one.score || other.latency < one.latency || other.bytes < one.bytes),
      );
      expect(one.onFront, one.name).toBe(!beaten);
    }
  });

  it('gives recipes that lead to the same bytes again, through JSON', async () => {
    const { recipe, model: made } = result.models.at(-1)!;
    const repeated = await applyRecipe(model, readRecipe(JSON.stringify(recipe)), again());
    expect(writeModel(repeated)).toEqual(writeModel(made));
  });

  it('says why nothing reaches the target', async () => {
    const tiny = await optimizeFor(model, { ...options, target: { sizeMB: 1e-4 }, macs: [] });
    expect(tiny.best).toBeUndefined();
    expect(tiny.missed).toMatch(/no candidate reaches the target/);
    const strict = await optimizeFor(model, {
      ...options,
      ...{ target: { sizeMB: 0.06 }, macs: [], maxDrop: 0 },
      evaluate: async (one) => (one === model ? 1 : 0.5),
    });
    expect(strict.missed).toMatch(/fall below a score of 1.0000/);
  });

  it('tells recipes that cannot be carried out, and goes on', async () => {
    const { failed, models } = await optimizeFor(model, { ...options, macs: [0.0001] });
    expect(failed.map(({ name }) => name)).toEqual([
      'prune to 0 % of MACs, distill for 2 epochs, fold',
      'prune to 0 % of MACs, distill for 2 epochs, fold, int8 for x64',
    ]);
    for (const { reason } of failed) expect(reason).toMatch(/Expected/);
    expect(models).toHaveLength(4);
  });

  it('draws a page', () => {
    const page = recipePage(result);
    expect(page).toContain('fold, int8 for x64');
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  });

  it('refuses a target of nothing, and stops when it is told to', async () => {
    await expect(optimizeFor(model, { ...options, target: {} })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(optimizeFor(model, { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});

function again() {
  const { data, training } = options;
  return { data, runtime, training };
}

describe('recipes', () => {
  const recipe: Recipe = { version: 1, seed: 0, steps: [{ step: 'fold' }, { step: 'int8', target: 'x64', images: 8 }] };

  it('are plain data that says what it is', () => {
    expect(readRecipe(JSON.stringify(recipe))).toEqual(recipe);
    expect(describeRecipe(recipe)).toBe('fold, int8 for x64');
  });

  it.each([
    ['no JSON', '{'],
    ['another version', '{"version":2,"seed":0,"steps":[{"step":"fold"}]}'],
    ['no steps', '{"version":1,"seed":0,"steps":[]}'],
    ['an unknown step', '{"version":1,"seed":0,"steps":[{"step":"melt"}]}'],
    ['a share above 1', '{"version":1,"seed":0,"steps":[{"step":"prune","macs":2,"roundTo":8}]}'],
  ])('are refused with %s', (_, json) => {
    expect(() => readRecipe(json)).toThrow(expect.objectContaining({ code: 'OPTIMIZE_RECIPE_INVALID' }));
  });
});
