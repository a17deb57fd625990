// Smith's range test: the learning rate rises from step to step, and the losses tell which rates train. It drives an engine
// of its own, so the model and whatever is trained beside it stay as they are.
import { type BatchSource, type LongCallOptions, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import * as z from 'zod';
import { checkLabels } from './check-labels.js';
import type { TrainingEngine } from './engine.js';
import { minimumRate, type RateCurve, steepestRate, valleyRate } from './learning-rate-suggestions.js';
import { crossEntropy } from './losses.js';
import { adam } from './optimizers/adam.js';
import type { TrainerOptions } from './trainer-options.js';
import type { PreparedTraining } from './training-setup.js';

/** Which learning rates are tried, and how; the defaults are fastai's. */
export interface RangeTestOptions extends LongCallOptions {
  /** Rate of the first step, above 0. Default 1e-7. */
  from?: number;
  /** Rate that the last step comes one short of, above `from`. Default 10. */
  to?: number;
  /** Steps from `from` to `to`, evenly over the logarithm, at least 10. Passes over the data begin anew as needed. Default 100. */
  steps?: number;
  /** Share of the smoothed loss that stays with a step, 0 ≤ x < 1. Default 0.98. */
  smoothing?: number;
  /** Ends the test when the smoothed loss is more than so many times its lowest, above 1. Default 4. */
  stopAt?: number;
}

/** What a range test found. */
export interface LearningRateFinding {
  /** The rate to train with: the `valley` of fastai, half-way down the longest fall of the losses. */
  readonly learningRate: number;
  /** The rate from where the loss falls fastest; a little bold as a rule. */
  readonly steepest: number;
  /** A tenth of the rate with the lowest loss. */
  readonly minimum: number;
  /** Rates that were tried, rising; fewer than `steps` where the loss exploded. */
  readonly rates: readonly number[];
  /** Smoothed loss (exponential moving average without the bias of its start) at each rate. */
  readonly losses: readonly number[];
  /** Loss of the step itself at each rate, before its weights were moved. */
  readonly stepLosses: readonly number[];
  /** Whether the loss exploded, or was no longer finite, before `to` was reached. */
  readonly exploded: boolean;
  /** Losses over rates and the three suggestions, for `plotFromSpec` of `@percept/report`. */
  readonly plot: RatePlotSpec;
}

/** A line plot of losses over learning rates. */
export interface RatePlotSpec {
  readonly kind: 'line';
  readonly title: string;
  readonly x: { readonly label: string; readonly scale: 'log' };
  readonly y: { readonly label: string };
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

const schema = z
  .strictObject({
    from: z.number().gt(0).default(1e-7),
    to: z.number().gt(0).default(10),
    steps: z.int().min(10).default(100),
    smoothing: z.number().min(0).lt(1).default(0.98),
    stopAt: z.number().gt(1).default(4),
    signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal').optional(),
    onProgress: z.custom((value) => typeof value === 'function', 'a function').optional(),
  })
  .refine(({ from, to }) => to > from, { path: ['to'], message: 'more than from' });

/** Checked {@link RangeTestOptions}. */
export type CheckedRangeTest = z.output<typeof schema> & LongCallOptions;

/** Checks {@link RangeTestOptions} and fills in the defaults. */
export function checkRangeTest(options: RangeTestOptions): CheckedRangeTest {
  return parseOptions(schema, options, 'findLearningRate() range') as CheckedRangeTest;
}

/** Runs the test on an engine of its own. */
export async function rangeTest(training: PreparedTraining, range: CheckedRangeTest): Promise<LearningRateFinding> {
  const { options, createEngine } = training;
  const { data, accumulate = 1, seed = 0, threads, loss = crossEntropy(), optimizer = adam() } = options;
  const engine = await createEngine({ loss, optimizer, classes: data.classes, accumulate, seed, threads });
  try {
    await engine.restore(engine.initialState());
    return findings(await recordLosses(engine, { ...options, loss, optimizer, accumulate }, range), range);
  } finally {
    await engine.close();
  }
}

interface Recording extends RateCurve {
  readonly stepLosses: readonly number[];
  readonly exploded: boolean;
}

type Driven = TrainerOptions & Required<Pick<TrainerOptions, 'loss' | 'optimizer' | 'accumulate'>>;

async function recordLosses(
  engine: TrainingEngine,
  { data, loss, optimizer, accumulate }: Driven,
  { from, to, steps, smoothing, stopAt, signal, onProgress }: CheckedRangeTest,
): Promise<Recording> {
  const recording = { rates: [] as number[], losses: [] as number[], stepLosses: [] as number[], exploded: false };
  let average = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let gathered = { loss: 0, images: 0, batches: 0 };
  for await (const { batch, epoch, step } of endlessBatches(data, signal)) {
    throwIfAborted(signal);
    checkLabels(batch, loss, data.classes);
    const at = recording.rates.length;
    const learningRate = from * (to / from) ** (at / steps);
    const update = gathered.batches + 1 === accumulate;
    const images = batch.inputs.dims[0]!;
    const own = Object.entries(optimizer.scalars).map(([name, scalar]) => [name, scalar(at + 1)] as const);
    const scalars = { learningRate, ...Object.fromEntries(own) };
    const result = await engine.step({ batch, epoch, step, scalars, update });
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm ?? 0)) {
      return { ...recording, exploded: true };
    }
    gathered = {
      loss: gathered.loss + result.loss * images,
      images: gathered.images + images,
      batches: gathered.batches + 1,
    };
    if (!update) continue;
    const stepLoss = gathered.loss / gathered.images;
    gathered = { loss: 0, images: 0, batches: 0 };
    average = smoothing * average + (1 - smoothing) * stepLoss;
    const smoothed = average / (1 - smoothing ** (at + 1));
    recording.rates.push(learningRate);
    recording.losses.push(smoothed);
    recording.stepLosses.push(stepLoss);
    lowest = Math.min(lowest, smoothed);
    onProgress?.({
      stage: 'find learning rate',
      done: at + 1,
      total: steps,
      unit: 'steps',
      values: { learningRate, loss: smoothed },
    });
    if (smoothed > stopAt * lowest) return { ...recording, exploded: true };
    if (at + 1 === steps) break;
  }
  return recording;
}

/** The batches of one epoch after another. */
async function* endlessBatches(data: BatchSource, signal: AbortSignal | undefined) {
  for (let epoch = 0; ; epoch++) {
    let step = 0;
    for await (const batch of data.batches({ epoch, signal })) yield { batch, epoch, step: step++ };
    if (step > 0) continue;
    throw new PerceptError(
      'TRAIN_DATA_INVALID',
      `Expected ${data.batchesPerEpoch} batches in epoch ${epoch} but received none. Make batchesPerEpoch tell the truth`,
    );
  }
}

/** Steps at the end of the curve that suggestions do not look at, as in fastai: there the loss explodes. */
const lastSteps = 5;

function findings({ rates, losses, stepLosses, exploded }: Recording, range: CheckedRangeTest): LearningRateFinding {
  const judged: RateCurve = {
    rates: rates.slice(Math.floor(range.steps / 10), -lastSteps),
    losses: losses.slice(Math.floor(range.steps / 10), -lastSteps),
  };
  if (judged.rates.length < 2) {
    throw new PerceptError(
      'TRAIN_DIVERGED',
      `Expected finite losses that do not explode for at least ${Math.floor(range.steps / 10) + lastSteps + 2} of ${range.steps} steps but received ${rates.length}, up to the learning rate ${rates.at(-1) ?? range.from}. Begin at a lower rate (from: ${range.from / 1000}), or check the data and the weights`,
      { details: { rates, losses: stepLosses } },
    );
  }
  const suggestions = {
    valley: valleyRate(judged),
    steepest: steepestRate(judged),
    minimum: minimumRate(judged),
  };
  return {
    learningRate: suggestions.valley,
    steepest: suggestions.steepest,
    minimum: suggestions.minimum,
    rates,
    losses,
    stepLosses,
    exploded,
    plot: {
      kind: 'line',
      title: 'Loss at rising learning rates',
      x: { label: 'learning rate', scale: 'log' },
      y: { label: 'loss, smoothed' },
      series: [
        { name: 'loss', points: rates.map((rate, at) => [rate, losses[at]!]) },
        ...Object.entries(suggestions).map(([name, rate]) => ({
          name: `${name} ${rate.toExponential(1)}`,
          points: [[rate, lossAt({ rates, losses }, rate)] as const],
        })),
      ],
    },
  };
}

/** Loss at the tried rate that is nearest. */
function lossAt({ rates, losses }: RateCurve, rate: number): number {
  const distances = rates.map((one) => Math.abs(Math.log(one / rate)));
  return losses[distances.indexOf(Math.min(...distances))]!;
}
